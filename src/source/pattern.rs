//! The pattern of a rule, and what it puts into the names of repositories.

use std::fmt;

use anyhow::{Result, bail, ensure};

use crate::module::ModulePath;

/// The longest pattern and the longest template, in bytes.
const MAX_LENGTH: usize = 1024;

/// The most `*` that one element of a pattern may have: it keeps matching from taking long.
const MAX_STARS_IN_ELEMENT: usize = 2;

/// The most captures, as `$1` to `$9` can name them.
const MAX_CAPTURES: usize = 9;

/// A pattern for the path at the root of a repository, such as `golang.org/x/*`.
///
/// A pattern is compared with as many leading elements of a module path as it has itself, as in GOPRIVATE:
/// `golang.org/x/*` stands for `golang.org/x/tools` and for all modules below it. The elements that it
/// matches are the path at the root of the repository. `*` stands for any characters in one element, though
/// not for a major version suffix (`/v2`). `**`, only as the last element, stands for all elements up to the
/// major version suffix: each module that it matches has a repository of its own.
#[derive(Clone, PartialEq, Eq)]
pub struct Pattern {
    elements: Vec<String>,
    open: bool,
}

/// What a pattern has matched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Captures {
    /// The elements that the pattern matched: the path at the root of the repository.
    pub root: String,
    /// What each `*` and a final `**` stand for, from left to right.
    pub texts: Vec<String>,
}

impl Pattern {
    /// Parses a pattern.
    ///
    /// # Errors
    /// Characters that no module path has, an empty element, `**` before the end, more than two `*` in an
    /// element or nine in all, a pattern of more than 1024 bytes.
    pub fn parse(text: &str) -> Result<Pattern> {
        ensure!(!text.is_empty(), "the pattern is empty");
        ensure!(
            text.len() <= MAX_LENGTH,
            "the pattern is longer than {MAX_LENGTH} bytes"
        );
        if let Some(shorter) = text.strip_suffix("/...") {
            bail!("a pattern covers all modules below it already: write `{shorter}`");
        }
        let (fixed, open) = match text.strip_suffix("**") {
            Some("") => (None, true),
            Some(fixed) if fixed.ends_with('/') => (fixed.strip_suffix('/'), true),
            _ => (Some(text), false),
        };
        let elements: Vec<String> = fixed
            .map(|fixed| fixed.split('/').map(str::to_owned).collect())
            .unwrap_or_default();
        for element in &elements {
            check_element(element)?;
        }
        let pattern = Pattern { elements, open };
        ensure!(
            pattern.captures() <= MAX_CAPTURES,
            "the pattern has more than {MAX_CAPTURES} `*`"
        );
        Ok(pattern)
    }

    /// Counts what the pattern captures.
    pub fn captures(&self) -> usize {
        let stars: usize = self.elements.iter().map(|element| stars(element)).sum();
        stars + usize::from(self.open)
    }

    /// Compares the pattern with a module path.
    pub fn matches(&self, path: &ModulePath) -> Option<Captures> {
        let (prefix, major) = path.split_major();
        // Of gopkg.in, `.v2` is part of the last element.
        let prefix = if major.as_str().starts_with('/') {
            prefix
        } else {
            path.as_str()
        };
        let free = prefix.split('/').count();
        let mut given = path.as_str().split('/');
        let mut texts = Vec::new();
        for (index, element) in self.elements.iter().enumerate() {
            let text = given.next()?;
            if index >= free && stars(element) > 0 {
                return None;
            }
            match_element(element, text, &mut texts).then_some(())?;
        }
        let matched = self.elements.len();
        let root = if self.open {
            let rest: Vec<&str> = prefix.split('/').skip(matched).collect();
            if rest.is_empty() {
                return None;
            }
            texts.push(rest.join("/"));
            prefix.to_owned()
        } else {
            let elements: Vec<&str> = path.as_str().split('/').take(matched).collect();
            elements.join("/")
        };
        Some(Captures { root, texts })
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = self.elements.join("/");
        if self.open {
            text.push_str(if text.is_empty() { "**" } else { "/**" });
        }
        formatter.pad(&text)
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{self}`")
    }
}

fn stars(element: &str) -> usize {
    element.matches('*').count()
}

fn check_element(element: &str) -> Result<()> {
    ensure!(!element.is_empty(), "the pattern has an empty element");
    ensure!(
        !element.contains("**"),
        "`**` must be the whole last element of a pattern"
    );
    ensure!(
        stars(element) <= MAX_STARS_IN_ELEMENT,
        "`{element}` has more than {MAX_STARS_IN_ELEMENT} `*`"
    );
    let strange = element.chars().find(|character| {
        !character.is_ascii_alphanumeric() && !matches!(character, '-' | '.' | '_' | '~' | '*')
    });
    match strange {
        Some(wildcard @ ('?' | '[' | ']' | '{' | '}')) => {
            bail!("`{wildcard}` has no meaning in a pattern: `*` is the only wildcard")
        }
        Some(':') => bail!("a pattern is the beginning of a module path, without `https://`"),
        Some(strange) => bail!("{strange:?} is in no module path"),
        None => Ok(()),
    }
}

/// Compares one element; each `*` takes as much as it can. What they stand for is added to `texts`.
fn match_element(pattern: &str, text: &str, texts: &mut Vec<String>) -> bool {
    let Some((before, after)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(rest) = text.strip_prefix(before) else {
        return false;
    };
    let known = texts.len();
    let ends = (0..=rest.len())
        .rev()
        .filter(|end| rest.is_char_boundary(*end));
    for end in ends {
        let (taken, left) = rest.split_at(end);
        // An empty text would make names such as `github.com/golang/`.
        if taken.is_empty() {
            continue;
        }
        texts.push(taken.to_owned());
        if match_element(after, left, texts) {
            return true;
        }
        texts.truncate(known);
    }
    false
}

/// Text in which `$1` to `$9` stand for what a pattern has captured and `$0` for all that it has matched;
/// `$$` is a dollar sign.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Template(Vec<Part>);

#[derive(Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Capture(usize),
}

impl Template {
    /// Parses a template for a pattern with so many captures.
    pub(super) fn parse(text: &str, captures: usize) -> Result<Template> {
        ensure!(
            text.len() <= MAX_LENGTH,
            "the text is longer than {MAX_LENGTH} bytes"
        );
        let mut parts = Vec::new();
        let mut pieces = text.split('$');
        parts.push(Part::Text(pieces.next().unwrap_or_default().to_owned()));
        while let Some(piece) = pieces.next() {
            let mut characters = piece.chars();
            let Some(first) = characters.next() else {
                let Some(after) = pieces.next() else {
                    bail!("a `$` ends the text: write `$$` for a dollar sign");
                };
                parts.push(Part::Text(format!("${after}")));
                continue;
            };
            let Some(number) = first.to_digit(10).map(|digit| digit as usize) else {
                bail!("`${first}` has no meaning: `$1` is the first `*`, `$$` a dollar sign");
            };
            ensure!(
                number <= captures,
                "`${number}` stands for nothing: the pattern has {captures} `*`"
            );
            parts.push(Part::Capture(number));
            parts.push(Part::Text(characters.as_str().to_owned()));
        }
        Ok(Template(parts))
    }

    /// Fills in what a pattern has captured.
    pub(super) fn expand(&self, captures: &Captures) -> String {
        let texts = self.0.iter().map(|part| match part {
            Part::Text(text) => text.as_str(),
            Part::Capture(0) => captures.root.as_str(),
            Part::Capture(number) => captures.texts.get(number - 1).map_or("", String::as_str),
        });
        texts.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matched(pattern: &str, path: &str) -> Option<(String, Vec<String>)> {
        let captures = Pattern::parse(pattern)
            .unwrap()
            .matches(&ModulePath::new(path).unwrap())?;
        Some((captures.root, captures.texts))
    }

    fn found(root: &str, texts: &[&str]) -> Option<(String, Vec<String>)> {
        let texts = texts.iter().map(|text| (*text).to_owned()).collect();
        Some((root.to_owned(), texts))
    }

    #[test]
    fn a_pattern_matches_leading_elements_and_they_are_the_root() {
        let cases = [
            (
                "golang.org/x/*",
                "golang.org/x/text",
                found("golang.org/x/text", &["text"]),
            ),
            (
                "golang.org/x/*",
                "golang.org/x/tools/gopls",
                found("golang.org/x/tools", &["tools"]),
            ),
            ("golang.org/x/*", "golang.org/x", None),
            ("golang.org/x/*", "golang.org/y/text", None),
            ("golang.org/x", "golang.org/xx", None),
            (
                "k8s.io/*",
                "k8s.io/klog/v2",
                found("k8s.io/klog", &["klog"]),
            ),
            (
                "example.com/lib",
                "example.com/lib",
                found("example.com/lib", &[]),
            ),
            (
                "example.com/lib",
                "example.com/lib/a/b/v3",
                found("example.com/lib", &[]),
            ),
            (
                "*.example.com/*-go",
                "a.example.com/x-go",
                found("a.example.com/x-go", &["a", "x"]),
            ),
            ("*.example.com/*-go", "example.com/x-go", None),
            (
                "example.com/*.git",
                "example.com/a.git/sub",
                found("example.com/a.git", &["a"]),
            ),
        ];
        for (pattern, path, expected) in cases {
            assert_eq!(matched(pattern, path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn a_star_is_never_a_major_version_suffix() {
        assert_eq!(matched("example.com/*/*", "example.com/x/v2"), None);
        assert_eq!(
            matched("example.com/x/v2", "example.com/x/v2"),
            found("example.com/x/v2", &[])
        );
        assert_eq!(
            matched("gopkg.in/*.v*", "gopkg.in/yaml.v3"),
            found("gopkg.in/yaml.v3", &["yaml", "3"])
        );
        assert_eq!(
            matched("gopkg.in/*/*.v*", "gopkg.in/src-d/go-git.v4"),
            found("gopkg.in/src-d/go-git.v4", &["src-d", "go-git", "4"])
        );
        assert_eq!(matched("gopkg.in/*.v*", "gopkg.in/src-d/go-git.v4"), None);
    }

    #[test]
    fn two_stars_take_all_elements_but_the_major_version_suffix() {
        let cases = [
            (
                "**",
                "example.com/a/b",
                found("example.com/a/b", &["example.com/a/b"]),
            ),
            (
                "example.com/**",
                "example.com/a/b/v2",
                found("example.com/a/b", &["a/b"]),
            ),
            (
                "example.com/*/**",
                "example.com/a/b/c",
                found("example.com/a/b/c", &["a", "b/c"]),
            ),
            ("example.com/**", "example.com", None),
            ("example.com/a/**", "example.com/a/v2", None),
        ];
        for (pattern, path, expected) in cases {
            assert_eq!(matched(pattern, path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn two_stars_of_one_element_take_as_much_as_they_can_from_the_left() {
        assert_eq!(
            matched("example.com/*-*", "example.com/a-b-c"),
            found("example.com/a-b-c", &["a-b", "c"])
        );
        assert_eq!(matched("example.com/*-*", "example.com/abc"), None);
        assert_eq!(matched("example.com/x*", "example.com/x"), None);
    }

    #[test]
    fn a_broken_pattern_says_what_to_write() {
        let cases = [
            ("", "is empty"),
            ("golang.org/x/...", "write `golang.org/x`"),
            ("golang.org//x", "empty element"),
            ("golang.org/x/", "empty element"),
            ("a.com/**/b", "whole last element"),
            ("a.com/x**", "whole last element"),
            ("a.com/***", "whole last element"),
            ("a.com/?", "only wildcard"),
            ("https://a.com/x", "without `https://`"),
            ("a.com/x y", "' ' is in no module path"),
            ("a.com/*a*b*", "more than 2 `*`"),
            ("*.a/*/*/*/*/*/*/*/*/*", "more than 9 `*`"),
        ];
        for (pattern, reason) in cases {
            let error = Pattern::parse(pattern).unwrap_err().to_string();
            assert!(error.contains(reason), "{pattern}: {error}");
        }
        assert!(Pattern::parse(&"a/".repeat(600)).is_err());
    }

    #[test]
    fn a_template_fills_in_what_was_captured() {
        let captures = Captures {
            root: "a.com/b/c".to_owned(),
            texts: vec!["b".to_owned(), "c".to_owned()],
        };
        let filled = |text| Template::parse(text, 2).map(|template| template.expand(&captures));
        assert_eq!(filled("git.example/$1-$2").unwrap(), "git.example/b-c");
        assert_eq!(
            filled("git.example/$0.git").unwrap(),
            "git.example/a.com/b/c.git"
        );
        assert_eq!(filled("$10").unwrap(), "b0");
        assert_eq!(filled("a$$1$$").unwrap(), "a$1$");
        assert_eq!(filled("").unwrap(), "");
        for (text, reason) in [
            ("$3", "`$3` stands for nothing: the pattern has 2 `*`"),
            ("$x", "`$x` has no meaning"),
            ("a$", "a `$` ends the text"),
        ] {
            let error = filled(text).unwrap_err().to_string();
            assert!(error.contains(reason), "{text}: {error}");
        }
    }
}
