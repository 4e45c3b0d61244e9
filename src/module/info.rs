//! What is recorded of a version: the `.info` file and its Origin.

use anyhow::{Result, bail};
use serde::{Deserialize, Serialize};

use super::{Time, Version};

/// Where a version was read from, as the go command records it.
///
/// The order of the fields is the order of the keys in the file. An empty field is left out.
/// Source: `codehost.Origin` in `cmd/go/internal/modfetch/codehost/codehost.go`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub struct Origin {
    /// The version control system, `git`.
    #[serde(rename = "VCS", skip_serializing_if = "String::is_empty")]
    pub vcs: String,
    /// The repository, without credentials.
    #[serde(rename = "URL", skip_serializing_if = "String::is_empty")]
    pub url: String,
    /// The module's folder in the repository.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub subdir: String,
    /// The full commit id.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub hash: String,
    /// The prefix of the tags that the answer depends on.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tag_prefix: String,
    /// A sum over these tags.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub tag_sum: String,
    /// The full name of the reference that led to the commit.
    #[serde(rename = "Ref", skip_serializing_if = "String::is_empty")]
    pub reference: String,
    /// A sum over all references; go writes it for what does not exist.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub repo_sum: String,
}

impl Origin {
    /// Joins two origins of one answer; `None` where they contradict each other.
    ///
    /// Source: `mergeOrigin` in `cmd/go/internal/modload/build.go`.
    pub fn merge(&self, other: &Origin) -> Option<Origin> {
        let join = |ours: &str, theirs: &str| match (ours, theirs) {
            (ours, "") => Some(ours.to_owned()),
            ("", theirs) => Some(theirs.to_owned()),
            (ours, theirs) => (ours == theirs).then(|| ours.to_owned()),
        };
        let same_place =
            self.vcs == other.vcs && self.url == other.url && self.subdir == other.subdir;
        let (tag_prefix, tag_sum) = match (self.tag_sum.is_empty(), other.tag_sum.is_empty()) {
            (_, true) => (self.tag_prefix.clone(), self.tag_sum.clone()),
            (true, false) => (other.tag_prefix.clone(), other.tag_sum.clone()),
            (false, false)
                if self.tag_sum == other.tag_sum && self.tag_prefix == other.tag_prefix =>
            {
                (self.tag_prefix.clone(), self.tag_sum.clone())
            }
            _ => return None,
        };
        if !same_place {
            return None;
        }
        Some(Origin {
            hash: join(&self.hash, &other.hash)?,
            reference: join(&self.reference, &other.reference)?,
            repo_sum: join(&self.repo_sum, &other.repo_sum)?,
            tag_prefix,
            tag_sum,
            ..self.clone()
        })
    }
}

/// A version with its commit time and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Info {
    /// The canonical version.
    pub version: Version,
    /// The commit time.
    pub time: Time,
    /// Where it was read, unless that is a path on this machine.
    pub origin: Option<Origin>,
}

impl Info {
    /// Tells whether this is of another commit of the same version.
    pub fn contradicts(&self, other: &Info) -> bool {
        let hash = |info: &Info| {
            let origin = info.origin.as_ref();
            let hash = origin.map(|origin| origin.hash.clone());
            hash.filter(|hash| !hash.is_empty())
        };
        let hashes = hash(self).zip(hash(other));
        self.time != other.time || hashes.is_some_and(|(ours, theirs)| ours != theirs)
    }

    /// Renders the content of the `.info` file, without a newline at the end.
    ///
    /// What matters only to the query that led here is left out: sums over tags, and for a pseudo-version
    /// the reference. Source: `writeDiskStat` in `cmd/go/internal/modfetch/cache.go`.
    ///
    /// # Errors
    /// A commit time outside the years 0 to 9999, which go cannot write either.
    pub fn to_json(&self) -> Result<String> {
        #[derive(Serialize)]
        #[serde(rename_all = "PascalCase")]
        struct File<'a> {
            version: &'a str,
            time: String,
            #[serde(skip_serializing_if = "Option::is_none")]
            origin: Option<Origin>,
        }
        if !self.time.is_writable() {
            bail!(
                "commit time {} lies outside the years 0 to 9999",
                self.time.unix()
            );
        }
        let origin = self.origin.clone().map(|origin| Origin {
            tag_prefix: String::new(),
            tag_sum: String::new(),
            repo_sum: String::new(),
            reference: if self.version.is_pseudo() {
                String::new()
            } else {
                origin.reference
            },
            ..origin
        });
        Ok(escape_html(&serde_json::to_string(&File {
            version: self.version.as_str(),
            time: self.time.to_string(),
            origin,
        })?))
    }
}

/// Escapes in rendered JSON what Go's `encoding/json` escapes beyond the standard: `<`, `>`, `&` and the
/// two Unicode line separators. They can occur only inside strings.
pub fn escape_html(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '<' => escaped.push_str("\\u003c"),
            '>' => escaped.push_str("\\u003e"),
            '&' => escaped.push_str("\\u0026"),
            '\u{2028}' => escaped.push_str("\\u2028"),
            '\u{2029}' => escaped.push_str("\\u2029"),
            other => escaped.push(other),
        }
    }
    escaped
}
