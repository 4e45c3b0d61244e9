//! What a look for the reason of a mismatch brings, in words.

use std::fmt;

use super::search::Extent;
use super::sums::Reading;
use crate::checksum::Part;
use crate::mirror::Commit;
use crate::module::rfc3339;
use crate::modzip::VendorRule;

/// The most characters of a commit's subject that are shown.
const MAX_SUBJECT: usize = 72;

/// A reason of a mismatch, proven or likely, or that there is none; displays as a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    /// Proven: the recorded sum is of the same commit, its contents read in another way.
    Read(Reading),
    /// Proven: the recorded sum is of the same commit by this rule of vendored packages.
    Vendored(VendorRule),
    /// Proven: the recorded sum is of the same commit without the LICENSE of the repository's root.
    NoRootLicense,
    /// Proven: another commit has what was recorded.
    Elsewhere {
        /// The tag that carries the version; a pseudo-version has none.
        tag: Option<String>,
        /// The commit.
        commit: Commit,
        /// The first line of its message.
        subject: String,
        /// What of it was compared.
        part: Part,
    },
    /// Likely: files are pointers of Git LFS.
    LargeFiles {
        /// One of them.
        first: String,
        /// How many there are.
        count: usize,
    },
    /// Likely: the repository is of another module.
    Declares {
        /// The path in its go.mod.
        declared: String,
        /// The path that was asked for.
        path: String,
    },
    /// No commit has what was recorded.
    Nowhere(Extent),
    /// The history cannot be searched, for this reason.
    NoHistory(String),
    /// Nothing could be found out, for this reason.
    Failed(String),
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Finding::Read(reading) => formatter.write_str(match reading {
                Reading::AsStored => {
                    "attributes: the recorded sum is that of the same files as they are stored in git; it was made without the conversions that .gitattributes asks for"
                }
                Reading::Crlf => {
                    "line endings: the recorded sum is that of the same files with CRLF; it was made from a working tree, as core.autocrlf or an editor leaves it"
                }
                _ => {
                    "line endings: the recorded sum is that of the same files with LF instead of CRLF; it was made by something that converts them"
                }
            }),
            Finding::Vendored(rule) => write!(
                formatter,
                "vendor rule: the recorded sum is that of the same commit with the packages in vendor folders told as {} does",
                match rule {
                    VendorRule::Before124 => "go before 1.24",
                    VendorRule::Since124 => "go 1.24 and later",
                }
            ),
            Finding::NoRootLicense => formatter.write_str(
                "license: the recorded sum is that of the same files without the LICENSE at the root of the repository, which go adds to a module in a folder",
            ),
            Finding::Elsewhere {
                tag,
                commit,
                subject,
                part,
            } => elsewhere(formatter, tag.as_deref(), commit, subject, *part),
            Finding::LargeFiles { first, count } => write!(
                formatter,
                "LFS, likely: {} is a Git LFS pointer here{}; go never fetches the content behind it, but what made the recorded sum may have",
                first.escape_debug(),
                match count {
                    0 | 1 => String::new(),
                    more => format!(", and {} other files are", more - 1),
                }
            ),
            Finding::Declares { declared, path } => write!(
                formatter,
                "wrong repository, likely: the go.mod at this version says `module {}`, not {path}; a fork or another module",
                declared.escape_debug()
            ),
            Finding::Nowhere(extent) => write!(formatter, "{extent}"),
            Finding::NoHistory(error) => write!(
                formatter,
                "whether another commit has the recorded content is not known: {error}"
            ),
            Finding::Failed(error) => {
                write!(formatter, "the reason could not be looked for: {error}")
            }
        }
    }
}

fn elsewhere(
    formatter: &mut fmt::Formatter<'_>,
    tag: Option<&str>,
    commit: &Commit,
    subject: &str,
    part: Part,
) -> fmt::Result {
    match tag {
        Some(tag) => write!(formatter, "moved tag: `{}` was at ", tag.escape_debug())?,
        None => formatter.write_str("moved content: what was recorded is that of ")?,
    }
    write!(
        formatter,
        "commit {} ({}, \"{}\")",
        commit.id,
        rfc3339(commit.time),
        shown(subject)
    )?;
    if tag.is_some() {
        formatter.write_str(match part {
            Part::Zip => " when the sum was recorded: that one has the recorded content",
            Part::GoMod => {
                " or near to it when the sum was recorded: that one has the recorded go.mod"
            }
        })?;
    }
    Ok(())
}

/// A subject without anything that could steer a terminal, and no longer than a line.
fn shown(subject: &str) -> String {
    let mut characters = subject.chars();
    let mut shown = String::new();
    for character in characters.by_ref().take(MAX_SUBJECT) {
        match character {
            '\'' | '"' | '\\' => shown.push(character),
            other => shown.extend(other.escape_debug()),
        }
    }
    if characters.next().is_some() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_cannot_steer_a_terminal_and_stays_short() {
        assert_eq!(
            shown("fix \"it\"\u{1b}[2J\r\u{202e}é"),
            "fix \"it\"\\u{1b}[2J\\r\\u{202e}é"
        );
        let long = "x".repeat(MAX_SUBJECT + 1);
        assert_eq!(shown(&long), format!("{}…", "x".repeat(MAX_SUBJECT)));
    }

    #[test]
    fn a_single_pointer_has_no_others_beside_it() {
        let told = |count| {
            let first = "a.bin".to_owned();
            Finding::LargeFiles { first, count }.to_string()
        };
        assert!(told(1).contains("pointer here; go"));
        assert!(told(3).contains("pointer here, and 2 other files are; go"));
    }
}
