//! The encodings of Unicode other than UTF-8.

use super::is_tag;

/// An encoding of Unicode with code units of two or four bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Unicode {
    form: Form,
    order: Order,
    mark: Mark,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Form {
    Utf16,
    Utf32,
    /// UTF-16 without surrogates.
    Ucs2,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Order {
    Little,
    Big,
}

/// Whether the file begins with a byte order mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Mark {
    Written,
    Absent,
}

impl Unicode {
    /// Finds one of the two names that git itself gives a meaning to.
    pub(super) fn named_by_git(name: &[u8]) -> Option<Unicode> {
        let order = match name.to_ascii_uppercase().as_slice() {
            b"UTF-16LE-BOM" | b"UTF16LE-BOM" => Order::Little,
            b"UTF-16BE-BOM" | b"UTF16BE-BOM" => Order::Big,
            _ => return None,
        };
        Some(Unicode {
            form: Form::Utf16,
            order,
            mark: Mark::Written,
        })
    }

    /// Finds one of iconv's names, in upper case.
    pub(super) fn named(name: &str) -> Option<Unicode> {
        let (form, order, mark) = match name {
            "UTF-16" | "UTF16" => (Form::Utf16, Order::Little, Mark::Written),
            "UTF-16LE" | "UTF16LE" => (Form::Utf16, Order::Little, Mark::Absent),
            "UTF-16BE" | "UTF16BE" => (Form::Utf16, Order::Big, Mark::Absent),
            "UTF-32" | "UTF32" => (Form::Utf32, Order::Little, Mark::Written),
            "UTF-32LE" | "UTF32LE" => (Form::Utf32, Order::Little, Mark::Absent),
            "UTF-32BE" | "UTF32BE" => (Form::Utf32, Order::Big, Mark::Absent),
            "UCS-2" | "UCS2" | "UCS-2LE" | "UNICODELITTLE" => {
                (Form::Ucs2, Order::Little, Mark::Absent)
            }
            "UCS-2BE" | "UNICODEBIG" => (Form::Ucs2, Order::Big, Mark::Absent),
            "UNICODE" | "CSUNICODE" => (Form::Ucs2, Order::Little, Mark::Written),
            _ => return None,
        };
        Some(Unicode { form, order, mark })
    }

    /// Writes `text`; `None` when a character of it does not exist in this encoding.
    pub(super) fn encode(self, text: &str) -> Option<Vec<u8>> {
        let mut encoded = Vec::with_capacity(text.len().saturating_mul(2));
        if self.mark == Mark::Written {
            self.push('\u{FEFF}', &mut encoded);
        }
        for character in text.chars() {
            if self.form == Form::Ucs2 && character > '\u{FFFF}' {
                if is_tag(character) {
                    continue;
                }
                return None;
            }
            self.push(character, &mut encoded);
        }
        Some(encoded)
    }

    fn push(self, character: char, encoded: &mut Vec<u8>) {
        match self.form {
            Form::Utf32 => {
                let unit = u32::from(character);
                encoded.extend_from_slice(&match self.order {
                    Order::Little => unit.to_le_bytes(),
                    Order::Big => unit.to_be_bytes(),
                });
            }
            Form::Utf16 | Form::Ucs2 => {
                for unit in character.encode_utf16(&mut [0; 2]) {
                    encoded.extend_from_slice(&match self.order {
                        Order::Little => unit.to_le_bytes(),
                        Order::Big => unit.to_be_bytes(),
                    });
                }
            }
        }
    }
}
