//! The keyword `$Id$`.

/// Writes `$Id: <blob id> $` for `$Id$` and for an expanded `$Id: … $` on one line.
///
/// An expansion with a space inside, other than at its two ends, comes from another version control system
/// (CVS, Subversion) and stays, as does one that the line or the file ends before its closing dollar
/// (ident_to_worktree in git's convert.c).
pub(super) fn expand(content: Vec<u8>, blob_id: &str) -> Vec<u8> {
    let mut expanded = Vec::new();
    let mut kept = 0;
    let mut at = 0;
    while let Some(dollar) = find(&content, at, b'$') {
        at = dollar + 1;
        let Some(end) = keyword_end(&content, at) else {
            continue;
        };
        expanded.extend_from_slice(content.get(kept..at).unwrap_or_default());
        expanded.extend_from_slice(b"Id: ");
        expanded.extend_from_slice(blob_id.as_bytes());
        expanded.extend_from_slice(b" $");
        kept = end;
        at = end;
    }
    if kept == 0 {
        return content;
    }
    expanded.extend_from_slice(content.get(kept..).unwrap_or_default());
    expanded
}

/// Finds the end of a keyword to replace, of which `start` is behind the opening dollar.
fn keyword_end(content: &[u8], start: usize) -> Option<usize> {
    match content.get(start..)? {
        [b'I', b'd', b'$', ..] => Some(start + 3),
        [b'I', b'd', b':', rest @ ..] => {
            // Only the first line matters, so that a file full of open keywords takes no square time.
            let length = rest.iter().position(|byte| matches!(byte, b'$' | b'\n'))?;
            let (value, after) = rest.split_at(length);
            if after.starts_with(b"\n") || is_foreign(value) {
                return None;
            }
            Some(start + 3 + length + 1)
        }
        _ => None,
    }
}

/// Tells whether a space is anywhere in `value` but in its first and last place.
fn is_foreign(value: &[u8]) -> bool {
    value
        .get(1..value.len().saturating_sub(1))
        .is_some_and(|inner| inner.contains(&b' '))
}

fn find(content: &[u8], from: usize, wanted: u8) -> Option<usize> {
    let offset = content
        .get(from..)?
        .iter()
        .position(|byte| *byte == wanted)?;
    Some(from + offset)
}

#[cfg(test)]
mod tests {
    use super::expand;

    #[track_caller]
    fn assert_expanded(content: &str, expected: &str) {
        let expanded = expand(content.as_bytes().to_vec(), "0123");
        assert_eq!(String::from_utf8_lossy(&expanded), expected);
    }

    #[test]
    fn a_bare_keyword_is_expanded() {
        assert_expanded("// $Id$\n", "// $Id: 0123 $\n");
        assert_expanded("$Id$$Id$", "$Id: 0123 $$Id: 0123 $");
        assert_expanded("$$Id$", "$$Id: 0123 $");
    }

    #[test]
    fn an_expansion_of_one_word_is_replaced() {
        assert_expanded("$Id: abc $", "$Id: 0123 $");
        assert_expanded("$Id:abc$", "$Id: 0123 $");
        assert_expanded("$Id: $", "$Id: 0123 $");
        assert_expanded("$Id:$", "$Id: 0123 $");
    }

    #[test]
    fn an_expansion_with_inner_spaces_is_foreign() {
        assert_expanded("$Id: a.c 1.2 joe $", "$Id: a.c 1.2 joe $");
        assert_expanded("$Id:  abc $", "$Id:  abc $");
        assert_expanded("$Id: a b $Id$", "$Id: a b $Id: 0123 $");
    }

    #[test]
    fn a_keyword_ends_on_its_line() {
        assert_expanded("$Id: abc\n$Id$", "$Id: abc\n$Id: 0123 $");
        assert_expanded("$Id: abc", "$Id: abc");
        assert_expanded("$Id", "$Id");
        assert_expanded("$id$ $Id $ $Ident$", "$id$ $Id $ $Ident$");
    }
}
