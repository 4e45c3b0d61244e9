//! Legacy character sets: those of the encoding standard of the web, where glibc agrees or the differences
//! are few enough to name.

use std::ops::RangeInclusive;

use anyhow::{Result, bail};
use encoding_rs::EncoderResult;

use super::is_tag;
use super::tables::CHARSETS;

/// A legacy character set as iconv of glibc writes it; ASCII stays ASCII in all of them.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(crate) struct Charset {
    /// The more usual of the names that iconv has for it, in upper case and separated by spaces.
    pub(super) names: &'static str,
    pub(super) source: Source,
    /// Characters that the source gets wrong.
    pub(super) characters: &'static [(RangeInclusive<char>, Fate)],
    /// Codes of the source that glibc does not write.
    pub(super) codes: &'static [(RangeInclusive<u32>, Fate)],
    /// What happens to a character that the source lacks.
    pub(super) otherwise: Fate,
}

/// Where the codes of a character set come from.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) enum Source {
    Web(&'static encoding_rs::Encoding),
    /// The same, less the codes with a byte below 0xA1, which came later.
    Euc(&'static encoding_rs::Encoding),
    /// The characters of the codes 128 to 255.
    UpperHalf(&'static str),
    /// A code is the number of the character, up to this one.
    Identity(char),
}

/// What iconv does with a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Fate {
    /// It writes this code, of one byte or of two.
    Code(u16),
    /// It writes the number of the character as one byte.
    Number,
    /// It fails.
    Lacking,
    /// It does something that this program has no table for.
    Unknown,
}

/// One way to write a character.
enum Written {
    Bytes([u8; 4], usize),
    Lacking,
    Unknown,
}

impl Charset {
    /// Finds a character set by a name of it in upper case.
    pub(super) fn named(name: &str) -> Option<&'static Charset> {
        CHARSETS
            .iter()
            .find(|charset| charset.names.split(' ').any(|known| known == name))
    }

    /// Writes `text`; `None` when the character set lacks a character of it.
    ///
    /// # Errors
    ///
    /// Fails when glibc may have a character that this program does not.
    pub(super) fn encode(&self, text: &str) -> Result<Option<Vec<u8>>> {
        let mut encoded = Vec::with_capacity(text.len());
        let mut unknown = None;
        for character in text.chars() {
            if character.is_ascii() {
                encoded.extend(u8::try_from(character));
                continue;
            }
            match self.write(character) {
                Written::Bytes(bytes, length) => {
                    encoded.extend(bytes.iter().take(length));
                }
                Written::Lacking if is_tag(character) => {}
                // One such character decides, whatever becomes of the others.
                Written::Lacking => return Ok(None),
                Written::Unknown => unknown = unknown.or(Some(character)),
            }
        }
        match unknown {
            Some(character) => bail!(
                "working-tree-encoding `{}` is not supported for the character U+{:04X}",
                self.names.split(' ').next().unwrap_or_default(),
                u32::from(character)
            ),
            None => Ok(Some(encoded)),
        }
    }

    fn write(&self, character: char) -> Written {
        if let Some(fate) = find(self.characters, &character) {
            return fate.written(character);
        }
        let Some((bytes, length)) = self.source.write(character) else {
            return self.otherwise.written(character);
        };
        let code = bytes
            .iter()
            .take(length)
            .fold(0, |code, byte| code << 8 | u32::from(*byte));
        match find(self.codes, &code) {
            Some(fate) => fate.written(character),
            None => Written::Bytes(bytes, length),
        }
    }
}

fn find<T: PartialOrd>(exceptions: &[(RangeInclusive<T>, Fate)], wanted: &T) -> Option<Fate> {
    let exception = exceptions.iter().find(|(range, _)| range.contains(wanted));
    exception.map(|(_, fate)| *fate)
}

impl Fate {
    fn written(self, character: char) -> Written {
        match self {
            Fate::Code(code) => match code.to_be_bytes() {
                [0, byte] => Written::Bytes([byte, 0, 0, 0], 1),
                [lead, trail] => Written::Bytes([lead, trail, 0, 0], 2),
            },
            Fate::Number => match u8::try_from(character) {
                Ok(byte) => Written::Bytes([byte, 0, 0, 0], 1),
                Err(_) => Written::Lacking,
            },
            Fate::Lacking => Written::Lacking,
            Fate::Unknown => Written::Unknown,
        }
    }
}

impl Source {
    /// Finds the code of a character that is not ASCII: up to four bytes, and their number.
    fn write(&self, character: char) -> Option<([u8; 4], usize)> {
        match self {
            Source::Web(encoding) => write_as_web(encoding, character),
            Source::Euc(encoding) => write_as_web(encoding, character)
                .filter(|(bytes, length)| bytes.iter().take(*length).all(|byte| *byte > 0xA0)),
            Source::UpperHalf(characters) => {
                let index = characters.chars().position(|upper| upper == character)?;
                let byte = u8::try_from(index).ok()?.checked_add(128)?;
                Some(([byte, 0, 0, 0], 1))
            }
            Source::Identity(last) if character <= *last => {
                Some(([u8::try_from(character).ok()?, 0, 0, 0], 1))
            }
            Source::Identity(_) => None,
        }
    }
}

fn write_as_web(
    encoding: &'static encoding_rs::Encoding,
    character: char,
) -> Option<([u8; 4], usize)> {
    let mut bytes = [0; 4];
    let (result, _, length) = encoding.new_encoder().encode_from_utf8_without_replacement(
        character.encode_utf8(&mut [0; 4]),
        &mut bytes,
        true,
    );
    (result == EncoderResult::InputEmpty).then_some((bytes, length))
}
