//! The go-import tags of a page.

use std::collections::HashSet;
use std::io::Read;

use anyhow::{Result, anyhow, bail};

use super::html::{Token, Tokens};
use super::shown;
use crate::coderepo::has_path_prefix;

/// How many tags an error lists.
const MOST_SHOWN: usize = 5;

/// `<meta name="go-import" content="prefix kind repository subdirectory">`, the last field optional.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct MetaImport {
    pub(super) prefix: String,
    /// A version control system, or `mod` for a module proxy.
    pub(super) kind: String,
    pub(super) repository: String,
    /// Empty for the root.
    pub(super) subdirectory: String,
}

impl MetaImport {
    fn parse(content: &str) -> Option<MetaImport> {
        let mut fields = content.split_whitespace().map(str::to_owned);
        let import = MetaImport {
            prefix: fields.next()?,
            kind: fields.next()?,
            repository: fields.next()?,
            subdirectory: fields.next().unwrap_or_default(),
        };
        fields.next().is_none().then_some(import)
    }

    fn is_proxy(&self) -> bool {
        self.kind == "mod"
    }
}

/// Reads the tags in the head of a page: module proxies first, and no other kind for the prefix of one.
///
/// Rule: `parseMetaGoImports` in `cmd/go/internal/vcs/discovery.go`.
///
/// # Errors
/// A page that cannot be read as far as its first tag; what is behind one does not matter.
pub(super) fn read_imports(page: impl Read) -> Result<Vec<MetaImport>> {
    let mut tokens = Tokens::new(page);
    let mut found = Vec::new();
    loop {
        match tokens.next() {
            Ok(Some(Token::Start { name, .. })) if name.eq_ignore_ascii_case("body") => break,
            Ok(Some(Token::End { name })) if name.eq_ignore_ascii_case("head") => break,
            Ok(Some(Token::Start { name, attributes })) if name.eq_ignore_ascii_case("meta") => {
                if attribute(&attributes, "name") == "go-import" {
                    found.extend(MetaImport::parse(attribute(&attributes, "content")));
                }
            }
            Ok(Some(_)) => {}
            Ok(None) => break,
            Err(error) if found.is_empty() => return Err(error),
            Err(_) => break,
        }
    }
    let (mut imports, others): (Vec<_>, Vec<_>) = found.into_iter().partition(MetaImport::is_proxy);
    let proxied: HashSet<String> = imports.iter().map(|import| import.prefix.clone()).collect();
    imports.extend(
        others
            .into_iter()
            .filter(|import| !proxied.contains(&import.prefix)),
    );
    Ok(imports)
}

/// Chooses the tag that is about a module.
///
/// Rule: `matchGoImport` in `cmd/go/internal/vcs/vcs.go`.
///
/// # Errors
/// No tag for the path, or several, of which none is a module proxy.
pub(super) fn choose<'i>(imports: &'i [MetaImport], path: &str) -> Result<&'i MetaImport> {
    let mut matching = imports
        .iter()
        .filter(|import| has_path_prefix(path, &import.prefix));
    let Some(first) = matching.next() else {
        return Err(mismatch(imports, path));
    };
    match matching.next() {
        Some(second) if !first.is_proxy() || second.is_proxy() => {
            bail!("multiple meta tags match import path {path}")
        }
        _ => Ok(first),
    }
}

fn mismatch(imports: &[MetaImport], path: &str) -> anyhow::Error {
    let mut prefixes: Vec<String> = imports
        .iter()
        .take(MOST_SHOWN)
        .map(|import| shown(&import.prefix))
        .collect();
    if imports.len() > MOST_SHOWN {
        prefixes.push("others".to_owned());
    }
    match prefixes.is_empty() {
        true => anyhow!("no go-import meta tags"),
        false => anyhow!(
            "no go-import meta tag matches import path {path}, only {}",
            prefixes.join(", ")
        ),
    }
}

/// Gives an attribute; empty when there is none.
fn attribute<'a>(attributes: &'a [(&str, String)], name: &str) -> &'a str {
    let found = attributes.iter().find(|(key, _)| *key == name);
    found.map_or("", |(_, value)| value)
}
