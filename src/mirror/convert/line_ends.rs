//! Line ends: what `eol=crlf` does, with and without `text=auto`.

/// What happens to line feeds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) enum LineEnds {
    /// They stay.
    #[default]
    Keep,
    /// A line feed without a carriage return gets one (`eol=crlf`).
    Crlf,
    /// The same, in a file that looks like text and has no carriage return yet (`text=auto eol=crlf`).
    CrlfIfText,
}

impl LineEnds {
    pub(super) fn apply(self, content: Vec<u8>) -> Vec<u8> {
        let wanted = match self {
            LineEnds::Keep => false,
            LineEnds::Crlf => true,
            LineEnds::CrlfIfText => !content.contains(&b'\r') && looks_like_text(&content),
        };
        if wanted { to_crlf(content) } else { content }
    }
}

/// Guesses as git does (gather_stats and convert_is_binary in convert.c): no NUL, and at least 128 printable
/// bytes for each control byte. Carriage returns, which git also looks at, are the caller's business.
fn looks_like_text(content: &[u8]) -> bool {
    let mut printable = 0_usize;
    let mut control = 0_usize;
    for byte in content {
        match byte {
            0 => return false,
            b'\n' | b'\r' => {}
            // Backspace, tab, form feed and escape are usual in texts.
            8 | b'\t' | 12 | 27 => printable += 1,
            0..32 | 127 => control += 1,
            _ => printable += 1,
        }
    }
    // The end-of-file mark of DOS.
    if content.last() == Some(&26) {
        control = control.saturating_sub(1);
    }
    printable / 128 >= control
}

fn to_crlf(content: Vec<u8>) -> Vec<u8> {
    let line_feeds = content.iter().filter(|byte| **byte == b'\n').count();
    if line_feeds == 0 {
        return content;
    }
    let mut converted = Vec::with_capacity(content.len() + line_feeds);
    let mut before = 0;
    for byte in content {
        if byte == b'\n' && before != b'\r' {
            converted.push(b'\r');
        }
        converted.push(byte);
        before = byte;
    }
    converted
}
