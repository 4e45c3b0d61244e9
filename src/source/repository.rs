//! The name of a repository in a rule.

use std::fmt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};

use super::pattern::{Captures, Template};
use super::token::Token;
use crate::disk;
use crate::mirror::Location;

/// Whether the author of a rule may write a password or token into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrets {
    /// The user's own file: they may.
    Allowed,
    /// A file that may be shared with others, as one that comes with a project: they may not.
    Refused,
}

/// The name of a repository in which `$1` to `$9` stand for what the rule's pattern has captured.
///
/// It is read like the REPO of `--mirror`, with one difference: what it means does not depend on the current
/// folder. A path starts with `/`, `./` or `../` and is relative to the folder of the rule's file.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Repository {
    template: Template,
    kind: Kind,
    folder: PathBuf,
    shown: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// With a scheme.
    Url,
    /// `host/owner/name`.
    Host,
    /// `user@host:path`.
    Ssh,
    /// A path on this machine.
    Path,
}

impl Repository {
    /// Parses the name of a repository in a rule of a file in `folder`.
    ///
    /// # Errors
    /// A text that cannot be the name of a repository, or has a secret that may not be there. The error
    /// does not show secrets.
    pub(super) fn parse(
        text: &str,
        captures: usize,
        folder: &Path,
        secrets: Secrets,
    ) -> Result<Repository> {
        ensure!(!text.is_empty(), "the repository is empty");
        ensure!(
            !text.chars().any(char::is_control),
            "the repository has a control character"
        );
        let after_scheme = text.split_once("://").map(|(_, rest)| rest);
        let kind = kind(text, after_scheme)?;
        let rest = after_scheme.unwrap_or(text);
        if secrets == Secrets::Refused {
            refuse_secrets(text)?;
        }
        let rest = rest.trim_start_matches('/');
        ensure!(
            !rest.contains("//"),
            "the folder of a repository has a key of its own: write `subdirectory` in place of `//`"
        );
        let full = match kind {
            Kind::Host => format!("https://{text}"),
            Kind::Url | Kind::Ssh | Kind::Path => text.to_owned(),
        };
        let repository = Repository {
            template: Template::parse(&full, captures)?,
            shown: Location::redacted(text),
            folder: folder.to_owned(),
            kind,
        };
        if kind != Kind::Path {
            // What stands at the beginning of a name has to be host and path.
            let text = if text.starts_with('$') {
                "x.x/x"
            } else {
                "x.x"
            };
            let sample = Captures {
                root: "x.x/x".to_owned(),
                texts: vec![text.to_owned(); captures],
            };
            repository.locate(&sample, None)?;
        }
        Ok(repository)
    }

    /// Tells whether a token can be sent along.
    ///
    /// # Errors
    /// A repository that is not reached over https, or has a user in its URL.
    pub(super) fn check_token(&self) -> Result<()> {
        let scheme = self.shown.split_once("://").map(|(scheme, _)| scheme);
        ensure!(
            self.kind == Kind::Host
                || (self.kind == Kind::Url && matches!(scheme, Some("https" | "http"))),
            "`{self}` is not reached over https, and a token is only sent so"
        );
        ensure!(
            !self.shown.contains("://***@"),
            "`{self}` has a login in its URL: remove that, or `token_env`"
        );
        Ok(())
    }

    /// Finds out where the repository is; its server gets to see the token.
    pub(super) fn locate(&self, captures: &Captures, token: Option<&Token>) -> Result<Location> {
        let text = self.template.expand(captures);
        if self.kind == Kind::Path {
            return Location::parse(&self.folder.join(text).to_string_lossy());
        }
        // `Location` takes a path that exists for a path; a rule says what it means.
        if self.kind == Kind::Ssh && disk::exists(Path::new(&text)) {
            bail!("`{text}` is a path here as well: write it as an ssh:// URL");
        }
        let location = Location::parse(&text)?;
        match token {
            None => Ok(location),
            Some(token) => location.with_login(token.login()?),
        }
    }
}

/// As it was written, without secrets.
impl fmt::Display for Repository {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(&self.shown)
    }
}

impl fmt::Debug for Repository {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{self}`")
    }
}

fn kind(text: &str, after_scheme: Option<&str>) -> Result<Kind> {
    if after_scheme.is_some() {
        return Ok(Kind::Url);
    }
    if text.starts_with('/') || text.starts_with("./") || text.starts_with("../") {
        return Ok(Kind::Path);
    }
    ensure!(
        !text.starts_with('~'),
        "`~` is not expanded: write the path of the home folder"
    );
    let first = text.split('/').next().unwrap_or(text);
    if first.contains(':') {
        return Ok(Kind::Ssh);
    }
    // `$0` and `$1` can be a host.
    if (first.contains('.') || first.starts_with('$')) && (first != text || text.starts_with('$')) {
        return Ok(Kind::Host);
    }
    bail!(
        "`{text}` names neither host nor path: write host/owner/name, a git URL, or a path that starts with ./ or /"
    )
}

/// The user of ssh is no secret, a user of http often is (a token).
fn refuse_secrets(text: &str) -> Result<()> {
    let Some((scheme, rest)) = text.split_once("://") else {
        return Ok(());
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or(rest);
    // A password with a slash in it makes a wrong URL, and is one all the same.
    let user = match authority.rsplit_once('@') {
        Some((user, _)) => Some(user),
        None if authority.contains(':') => rest.rsplit_once('@').map(|(user, _)| user),
        None => None,
    };
    let secret = user.is_some_and(|user| !scheme.contains("ssh") || user.contains(':'));
    ensure!(
        !secret,
        "the URL has a user name or password, which this file may not have: put the rule into the user's own gomodcache.toml, or use --mirror"
    );
    Ok(())
}

/// Parses the folder of a repository.
pub(super) fn parse_subdirectory(text: &str, captures: usize) -> Result<Template> {
    let clean = |part: &str| !part.is_empty() && part != "." && part != "..";
    ensure!(
        !text.starts_with('-')
            && !text.contains(['\\', ':'])
            && !text.chars().any(char::is_control)
            && text.split('/').all(clean),
        "`{}` is no folder of a repository: write a relative path such as go/lib",
        text.escape_debug()
    );
    Template::parse(text, captures).context("the subdirectory cannot be read")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str, secrets: Secrets) -> Result<Repository> {
        Repository::parse(text, 1, Path::new("/project"), secrets)
    }

    fn located(text: &str) -> String {
        let captures = Captures {
            root: "a.com/lib".to_owned(),
            texts: vec!["lib".to_owned()],
        };
        let location = parse(text, Secrets::Refused)
            .unwrap()
            .locate(&captures, None);
        location.unwrap().to_string()
    }

    #[test]
    fn captures_become_part_of_the_name() {
        assert_eq!(located("git.example/go/$1"), "https://git.example/go/lib");
        assert_eq!(
            located("https://git.example/$0.git"),
            "https://git.example/a.com/lib.git"
        );
        assert_eq!(
            located("git@git.example:go/$1.git"),
            "git@git.example:go/lib.git"
        );
        assert_eq!(located("$0"), "https://a.com/lib");
    }

    #[test]
    fn a_path_is_relative_to_the_file_of_the_rule() {
        let repository = parse("./mirrors/$1.git", Secrets::Refused).unwrap();
        let captures = Captures {
            root: "a.com/lib".to_owned(),
            texts: vec!["lib".to_owned()],
        };
        let error = repository.locate(&captures, None).unwrap_err().to_string();
        assert_eq!(
            error,
            "there is no repository at `/project/./mirrors/lib.git`"
        );
        assert_eq!(repository.to_string(), "./mirrors/$1.git");
    }

    #[test]
    fn a_file_that_is_shared_has_no_secrets() {
        for text in [
            "https://token@git.example/x",
            "https://user:secret@git.example/x",
            "http://user:sec/ret@git.example/x",
            "ssh://git:secret@git.example/x",
        ] {
            let error = parse(text, Secrets::Refused).unwrap_err().to_string();
            assert!(error.contains("user name or password"), "{text}: {error}");
            assert!(!error.contains("secret"), "{error}");
        }
        assert!(parse("ssh://git@git.example/x", Secrets::Refused).is_ok());
        assert!(parse("https://git.example/@x/$1", Secrets::Refused).is_ok());
    }

    #[test]
    fn secrets_of_the_user_are_not_shown() {
        let repository = parse("https://user:secret@git.example/$1", Secrets::Allowed).unwrap();
        assert_eq!(repository.to_string(), "https://***@git.example/$1");
        assert_eq!(format!("{repository:?}"), "`https://***@git.example/$1`");
        // No URL before the captures are filled in: the path begins inside one.
        for text in [
            "https://user:se@cret@git.example$0",
            "https://user:se@cret@$0",
        ] {
            let repository = parse(text, Secrets::Allowed).unwrap();
            assert!(!repository.to_string().contains("cret"), "{repository}");
        }
        let repository = parse("ssh://git@git.example%$0", Secrets::Allowed).unwrap();
        assert_eq!(repository.to_string(), "ssh://git@git.example%$0");
    }

    #[test]
    fn what_can_be_no_repository_is_refused_with_what_to_write() {
        for (text, reason) in [
            ("", "is empty"),
            ("golang/$1", "names neither host nor path"),
            ("git.example", "names neither host nor path"),
            ("~/mirrors/$1", "not expanded"),
            ("ext::sh -c touch% x", "remote helper"),
            ("--upload-pack=x:y", "no usable repository name"),
            ("gopher://a.com/x", "no usable repository URL"),
            ("git.example/mono//go", "write `subdirectory`"),
            ("git.example/$2", "`$2` stands for nothing"),
            ("git.example/\u{7}", "control character"),
        ] {
            let error = format!("{:#}", parse(text, Secrets::Refused).unwrap_err());
            assert!(error.contains(reason), "{text}: {error}");
        }
    }

    #[test]
    fn a_subdirectory_stays_in_the_repository() {
        assert!(parse_subdirectory("go/$1", 1).is_ok());
        for text in ["", "/go", "../x", "a//b", "-x", "a/..", "c:\\x"] {
            assert!(parse_subdirectory(text, 1).is_err(), "{text}");
        }
    }
}
