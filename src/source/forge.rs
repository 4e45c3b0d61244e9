//! Forges whose module paths name the repository themselves.

use anyhow::{Result, bail};

use super::Root;
use crate::module::ModulePath;

/// What [`forge`] knows, as patterns and the repositories that they stand for, to be shown.
pub const FORGES: &[(&str, &str)] = &[
    ("github.com/*/*", "https://github.com/$1/$2"),
    ("bitbucket.org/*/*", "https://bitbucket.org/$1/$2"),
    ("hub.jazz.net/git/*/*", "https://hub.jazz.net/git/$1/$2"),
    ("git.apache.org/*.git", "https://git.apache.org/$1.git"),
    ("git.openstack.org/*/*", "https://git.openstack.org/$1/$2"),
    (
        "gitlab.com/*/*",
        "https://gitlab.com/$1/$2.git, then each longer path",
    ),
    ("*/**.git", "https://$1/$2"),
];

/// A forge that go knows by a rule.
struct Static {
    /// What its paths begin with.
    prefix: &'static str,
    /// What must follow.
    needs: &'static str,
    /// How many elements that are.
    elements: usize,
    /// Whether they are good for a repository.
    fits: fn(&[&str]) -> bool,
    suffix: Suffix,
}

/// Whether a repository can have a name as `x.git`.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Suffix {
    Allowed,
    Refused,
}

const OWNER_AND_NAME: &str = "needs an owner and a name";

/// Those of `vcsPaths` in `cmd/go/internal/vcs/vcs.go` that have git.
const STATIC: [Static; 5] = [
    Static {
        prefix: "github.com",
        needs: OWNER_AND_NAME,
        elements: 2,
        fits: |_| true,
        suffix: Suffix::Refused,
    },
    Static {
        prefix: "bitbucket.org",
        needs: OWNER_AND_NAME,
        elements: 2,
        fits: |_| true,
        suffix: Suffix::Refused,
    },
    Static {
        prefix: "hub.jazz.net/git",
        needs: OWNER_AND_NAME,
        elements: 2,
        fits: |root| root.first().is_some_and(|owner| is_lower(owner, "")),
        suffix: Suffix::Refused,
    },
    Static {
        prefix: "git.apache.org",
        needs: "needs the name of a repository, which ends in .git",
        elements: 1,
        fits: |root| {
            let name = root.first().and_then(|name| name.strip_suffix(".git"));
            name.is_some_and(|name| is_lower(name, "_.-"))
        },
        suffix: Suffix::Allowed,
    },
    Static {
        prefix: "git.openstack.org",
        needs: OWNER_AND_NAME,
        elements: 2,
        fits: |_| true,
        suffix: Suffix::Allowed,
    },
];

/// Lower-case letters, digits, and what else may be there.
fn is_lower(text: &str, others: &str) -> bool {
    let fits = |character: char| {
        character.is_ascii_lowercase() || character.is_ascii_digit() || others.contains(character)
    };
    !text.is_empty() && text.chars().all(fits)
}

impl Static {
    /// Gives the root of the repository in a path on the forge.
    fn root(&self, path: &ModulePath, below: &str) -> Result<String> {
        let prefix = self.prefix;
        let elements: Vec<&str> = below.split('/').collect();
        let root = elements.get(..self.elements);
        // No tilde, which a module path can have otherwise.
        let Some(root) = root.filter(|root| (self.fits)(root) && !below.contains('~')) else {
            bail!("module {path}: a path on {prefix} {}", self.needs);
        };
        let root = format!("{prefix}/{}", root.join("/"));
        let has_suffix = [".git", ".hg", ".svn", ".bzr", ".fossil"]
            .iter()
            .any(|suffix| root.ends_with(suffix));
        if self.suffix == Suffix::Refused && has_suffix {
            bail!("module {path}: invalid version control suffix in {prefix}/ path");
        }
        Ok(root)
    }
}

/// A repository that a module path names by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forge {
    /// The path at the root of the repository.
    pub root: String,
    /// Where the repository is.
    pub url: String,
}

impl Forge {
    pub(super) fn known_root(&self) -> Root {
        Root::Known {
            root: self.root.clone(),
            folder: String::new(),
        }
    }
}

/// Lists the repositories that a module path can stand for by itself.
///
/// The paths of some forges begin with the root of the repository, and a path with an element that ends in `.git`
/// ends there: the static rules of go (`vcsPaths` in `cmd/go/internal/vcs/vcs.go`). A gopkg.in path is the root of its
/// repository, which go finds by asking; here it needs a mirror. On gitlab.com groups can lie in each other, so
/// that there every longer prefix is a candidate, too.
///
/// # Errors
/// A path on a forge that is too short, or ends in `.git` where the forge has none.
pub fn forge(path: &ModulePath) -> Result<Vec<Forge>> {
    let known = STATIC.iter().find_map(|forge| {
        let below = path.as_str().strip_prefix(forge.prefix)?;
        let is_there = below.is_empty() || below.starts_with('/');
        is_there.then(|| (forge, below.trim_start_matches('/')))
    });
    if let Some((forge, below)) = known {
        let root = forge.root(path, below)?;
        let url = format!("https://{root}");
        return Ok(vec![Forge { root, url }]);
    }
    if path.as_str().split('/').next() == Some("gitlab.com") {
        return on_gitlab(path);
    }
    let elements: Vec<&str> = path.as_str().split('/').collect();
    let end = elements
        .iter()
        .skip(1)
        .position(|element| element.len() > 4 && element.ends_with(".git"));
    let root = end.and_then(|end| elements.get(..end + 2));
    let forge = root.map(|root| root.join("/")).map(|root| Forge {
        // go drops the suffix from the URL, too.
        url: format!("https://{}", root.trim_end_matches(".git")),
        root,
    });
    Ok(forge.into_iter().collect())
}

fn on_gitlab(path: &ModulePath) -> Result<Vec<Forge>> {
    let elements: Vec<&str> = path.as_str().split('/').collect();
    if elements.len() < 3 {
        bail!("module {path}: a path on gitlab.com {OWNER_AND_NAME}");
    }
    let (prefix, _) = path.split_major();
    let longest = prefix.split('/').count().max(3);
    let roots = (3..=longest).filter_map(|count| elements.get(..count));
    let forge = |root: &[&str]| Forge {
        url: format!("https://{}.git", root.join("/")),
        root: root.join("/"),
    };
    Ok(roots.map(forge).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn roots(path: &str) -> Vec<(String, String)> {
        let path = ModulePath::new(path).unwrap();
        forge(&path)
            .unwrap()
            .into_iter()
            .map(|forge| (forge.root, forge.url))
            .collect()
    }

    fn pair(root: &str, url: &str) -> (String, String) {
        (root.to_owned(), url.to_owned())
    }

    #[test]
    fn a_path_on_a_forge_stands_for_itself() {
        assert_eq!(
            roots("github.com/o/n/sub/v2"),
            [pair("github.com/o/n", "https://github.com/o/n")]
        );
        assert_eq!(
            roots("example.com/a/b.git/c"),
            [pair("example.com/a/b.git", "https://example.com/a/b")]
        );
        assert_eq!(
            roots("gitlab.com/g/s/p/v2"),
            [
                pair("gitlab.com/g/s", "https://gitlab.com/g/s.git"),
                pair("gitlab.com/g/s/p", "https://gitlab.com/g/s/p.git"),
            ]
        );
        for (path, root) in [
            (
                "hub.jazz.net/git/user1/pkg/sub",
                "hub.jazz.net/git/user1/pkg",
            ),
            ("git.apache.org/x-1.git/sub/v2", "git.apache.org/x-1.git"),
            ("git.openstack.org/a/b.git/c", "git.openstack.org/a/b.git"),
            ("git.openstack.org/a/b/c", "git.openstack.org/a/b"),
        ] {
            assert_eq!(roots(path), [pair(root, &format!("https://{root}"))]);
        }
        assert_eq!(roots("hub.jazz.net/other/x"), []);
        assert_eq!(roots("golang.org/x/text"), []);
    }

    #[test]
    fn what_is_no_repository_on_a_forge_is_refused() {
        for path in [
            "github.com/owner",
            "github.com/o/n.git",
            "bitbucket.org/o/n.hg",
            "github.com/o/n/~x",
            "hub.jazz.net/git",
            "hub.jazz.net/git/User1/pkg",
            "hub.jazz.net/git/user1/pkg.git",
            "git.apache.org/x",
            "git.apache.org/X.git",
            "git.openstack.org/a",
        ] {
            assert!(forge(&ModulePath::new(path).unwrap()).is_err(), "{path}");
        }
    }
}
