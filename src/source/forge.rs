//! Forges whose module paths name the repository themselves.

use anyhow::{Result, bail};

use super::Root;
use crate::module::ModulePath;

/// What [`forge`] knows, as patterns and the repositories that they stand for, to be shown.
pub const FORGES: &[(&str, &str)] = &[
    ("github.com/*/*", "https://github.com/$1/$2"),
    ("bitbucket.org/*/*", "https://bitbucket.org/$1/$2"),
    (
        "gitlab.com/*/*",
        "https://gitlab.com/$1/$2.git, then each longer path",
    ),
    ("*/**.git", "https://$1/$2"),
];

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
/// Those of github.com and bitbucket.org are the first three elements, and a path with an element that ends
/// in `.git` ends there: the static rules of go (`vcsPaths` in `cmd/go/internal/vcs/vcs.go`). A gopkg.in
/// path is the root of its repository, which go finds by asking; here it needs a mirror. On gitlab.com
/// groups can lie in each other, so that there every longer prefix is a candidate, too.
///
/// # Errors
/// A path on a forge that is too short, or ends in `.git` where the forge has none.
pub fn forge(path: &ModulePath) -> Result<Vec<Forge>> {
    let elements: Vec<&str> = path.as_str().split('/').collect();
    let root = |count: usize| elements[..count].join("/");
    match elements[0] {
        host @ ("github.com" | "bitbucket.org" | "gitlab.com") if elements.len() < 3 => {
            bail!("module {path}: a path on {host} needs an owner and a name")
        }
        host @ ("github.com" | "bitbucket.org") if elements[2].ends_with(".git") => {
            bail!("module {path}: invalid version control suffix in {host}/ path")
        }
        "github.com" | "bitbucket.org" => Ok(vec![Forge {
            url: format!("https://{}", root(3)),
            root: root(3),
        }]),
        "gitlab.com" => {
            let (prefix, _) = path.split_major();
            let longest = prefix.split('/').count().max(3);
            Ok((3..=longest)
                .map(|count| Forge {
                    url: format!("https://{}.git", root(count)),
                    root: root(count),
                })
                .collect())
        }
        _ => {
            let end = elements
                .iter()
                .skip(1)
                .position(|element| element.len() > 4 && element.ends_with(".git"));
            Ok(end
                .map(|end| root(end + 2))
                .map(|root| Forge {
                    // go drops the suffix from the URL, too.
                    url: format!("https://{}", root.trim_end_matches(".git")),
                    root,
                })
                .into_iter()
                .collect())
        }
    }
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
        assert_eq!(roots("golang.org/x/text"), []);
    }

    #[test]
    fn what_is_no_repository_on_a_forge_is_refused() {
        for path in ["github.com/owner", "github.com/o/n.git"] {
            assert!(forge(&ModulePath::new(path).unwrap()).is_err(), "{path}");
        }
    }
}
