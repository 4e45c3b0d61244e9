//! What `git archive` does to the content of one file.
//!
//! Three conversions, in this order, as in git's convert.c on the way to a working tree: the keyword
//! `$Id$`, line ends, character encoding. Which of them a file gets is the business of
//! [`Attributes`](super::attributes::Attributes).

mod encoding;
mod ident;
mod line_ends;

use anyhow::Result;

pub(super) use self::encoding::Encoding;
pub(super) use self::line_ends::LineEnds;

/// Describes what happens to the content of a file; the default leaves it as it is.
///
/// Two files with the same blob and an equal conversion have the same content in the archive.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Conversion {
    pub(super) line_ends: LineEnds,
    pub(super) ident: bool,
    pub(super) encoding: Encoding,
}

impl Conversion {
    /// Tells whether every content stays as it is.
    pub fn is_identity(&self) -> bool {
        *self == Conversion::default()
    }

    /// Converts the content of a regular file; `blob_id` is the id of its blob in hexadecimal.
    ///
    /// Content that cannot be written in the asked encoding stays in UTF-8, as git only warns of it.
    ///
    /// # Errors
    ///
    /// Fails where `git archive` fails, that is when `working-tree-encoding` is set without a value, and
    /// where the outcome cannot be known here: a legacy encoding that git gets from the C library and this
    /// program does not have.
    pub fn apply(&self, blob_id: &str, content: Vec<u8>) -> Result<Vec<u8>> {
        let content = if self.ident {
            ident::expand(content, blob_id)
        } else {
            content
        };
        self.encoding.encode(self.line_ends.apply(content))
    }
}

#[cfg(all(test, target_os = "linux", target_env = "gnu"))]
mod oracle;

#[cfg(test)]
mod tests {
    use crate::mirror::Attributes;

    #[test]
    fn the_keyword_comes_before_line_ends_and_these_before_the_encoding() {
        let mut attributes = Attributes::new();
        attributes.add("", b"* ident eol=crlf working-tree-encoding=UTF-16BE");
        let converted = attributes.conversion("a").apply("7", b"$Id$\n".to_vec());
        let expected: Vec<u8> = "$Id: 7 $\r\n".bytes().flat_map(|byte| [0, byte]).collect();
        assert_eq!(converted.ok(), Some(expected));
    }
}
