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

#[cfg(test)]
mod tests {
    use super::LineEnds;

    #[track_caller]
    fn assert_converted(line_ends: LineEnds, content: &[u8], expected: &[u8]) {
        let converted = line_ends.apply(content.to_vec());
        assert_eq!(
            converted.escape_ascii().to_string(),
            expected.escape_ascii().to_string()
        );
    }

    #[test]
    fn a_line_feed_gets_a_carriage_return_unless_it_has_one() {
        assert_converted(LineEnds::Crlf, b"a\nb\r\n\nc", b"a\r\nb\r\n\r\nc");
        assert_converted(LineEnds::Crlf, b"a\rb\n\r", b"a\rb\r\n\r");
        assert_converted(LineEnds::Crlf, b"\0\n", b"\0\r\n");
        assert_converted(LineEnds::Crlf, b"", b"");
        assert_converted(LineEnds::Keep, b"a\nb\r\n", b"a\nb\r\n");
    }

    #[test]
    fn detection_leaves_any_file_with_a_carriage_return() {
        assert_converted(LineEnds::CrlfIfText, b"a\nb\n", b"a\r\nb\r\n");
        assert_converted(LineEnds::CrlfIfText, b"a\nb\r\n", b"a\nb\r\n");
        assert_converted(LineEnds::CrlfIfText, b"a\rb\n", b"a\rb\n");
    }

    #[test]
    fn detection_allows_one_control_byte_in_128() {
        let text = [&b"x".repeat(127)[..], b"\x01\n"].concat();
        assert_converted(LineEnds::CrlfIfText, &text, &text);
        let text = [&b"x".repeat(128)[..], b"\x01\n"].concat();
        let converted = [&b"x".repeat(128)[..], b"\x01\r\n"].concat();
        assert_converted(LineEnds::CrlfIfText, &text, &converted);
        assert_converted(LineEnds::CrlfIfText, b"\x7f\n", b"\x7f\n");
        assert_converted(LineEnds::CrlfIfText, b"\0\n", b"\0\n");
    }

    #[test]
    fn detection_counts_no_usual_control_byte_and_no_last_end_mark() {
        assert_converted(
            LineEnds::CrlfIfText,
            b"\t\x08\x0c\x1b\n",
            b"\t\x08\x0c\x1b\r\n",
        );
        assert_converted(LineEnds::CrlfIfText, b"a\n\x1a", b"a\r\n\x1a");
        assert_converted(LineEnds::CrlfIfText, b"\x1a\n", b"\x1a\n");
        assert_converted(LineEnds::CrlfIfText, b"\xe4\xff\n", b"\xe4\xff\r\n");
    }
}
