//! Finding a module by asking the host in its path: `https://HOST/PATH?go-get=1`.
//!
//! The answer is an HTML page with a tag `<meta name="go-import" content="PREFIX KIND URL [SUBDIRECTORY]">` in
//! its head. It says that all modules below PREFIX are in one repository, or behind one module proxy. What the
//! page of one path says of a shorter PREFIX is believed only if the page of PREFIX says the same: the owner of
//! `uni.example/bob` has no say in what `uni.example` is.
//!
//! [`Discoverer`] asks, and knows the pages of its run. Rules: `repoRootForImportDynamic` in
//! `cmd/go/internal/vcs/vcs.go`. Whoever asks first makes sure that the path may leave this machine, and that
//! it does not name a repository by itself ([`super::forge`]): go does not ask about those either.

mod html;
mod imports;
mod input;
mod names;
mod page;
mod repo_url;

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::{Context, Result, bail, ensure};

use self::imports::{MetaImport, choose};
use self::page::Page;
use crate::coderepo::Place;
use crate::mirror::{Location, redacted};
use crate::module::ModulePath;
use crate::proxy::Proxy;
use crate::web::{Client, Interrupt, Security};

/// Where a module is, as its host says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Discovered {
    /// The path at the root of the repository: the module's own or a prefix of it.
    pub root: String,
    /// The folder of the repository that has the path `root`; empty for the repository's root. Always empty for
    /// a proxy.
    pub subdirectory: String,
    /// What is there.
    pub found: Found,
}

/// What a host offers. Neither is shown with a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A git repository.
    Git(Location),
    /// A module proxy (`mod`), of scheme https or http.
    Proxy(Proxy),
}

/// Asks hosts about modules, each page once.
pub struct Discoverer {
    client: Client,
    interrupt: Arc<dyn Interrupt>,
    pages: Mutex<HashMap<(String, Security), Arc<Page>>>,
}

impl Discoverer {
    /// Makes one that has asked nothing yet.
    pub fn new(client: Client, interrupt: Arc<dyn Interrupt>) -> Discoverer {
        Discoverer {
            client,
            interrupt,
            pages: Mutex::default(),
        }
    }

    /// Asks where a module is. `security` is [`Security::Unchecked`] for paths that GOINSECURE matches: then any
    /// certificate will do, and http where https gives no answer.
    ///
    /// # Errors
    /// [`crate::web::Interrupted`]; a host that cannot be reached or answers with an error; a page without a tag
    /// for the path, or with several; pages that disagree; a version control system other than git; a URL that
    /// go would not use, or that nothing can be read from. No text shows a password.
    pub fn discover(&self, path: &ModulePath, security: Security) -> Result<Discovered> {
        self.ask(path, security)
            .with_context(|| format!("cannot find out from its host where module {path} is"))
    }

    fn ask(&self, path: &ModulePath, security: Security) -> Result<Discovered> {
        let whole = path.as_str();
        let page = self.page(whole, security)?;
        let import = choose(&page.imports, whole).with_context(|| format!("parse {}", page.url))?;
        if import.prefix != whole {
            self.verify(import, whole, &page, security)?;
        }
        let described = || format!("{}: go-import of {}", page.url, shown(&import.prefix));
        check_subdirectory(&import.subdirectory).with_context(described)?;
        let found = repo_url::locate(&import.kind, &import.repository).with_context(described)?;
        let subdirectory = match found {
            Found::Git(_) => subdirectory(path, import).with_context(described)?,
            Found::Proxy(_) => String::new(),
        };
        Ok(Discovered {
            root: import.prefix.clone(),
            subdirectory,
            found,
        })
    }

    /// Makes sure that the page of the prefix says the same about the path.
    fn verify(
        &self,
        import: &MetaImport,
        path: &str,
        page: &Page,
        security: Security,
    ) -> Result<()> {
        let authority = self.page(&import.prefix, security)?;
        if choose(&authority.imports, path).ok() != Some(import) {
            bail!(
                "{} and {} disagree about go-import for {}",
                page.url,
                authority.url,
                shown(&import.prefix)
            );
        }
        Ok(())
    }

    fn page(&self, path: &str, security: Security) -> Result<Arc<Page>> {
        let known = || self.pages.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (path.to_owned(), security);
        if let Some(page) = known().get(&key) {
            return Ok(Arc::clone(page));
        }
        let page = Page::get(path, security, &self.client, &self.interrupt)?;
        let page = Arc::new(page);
        known().insert(key, Arc::clone(&page));
        Ok(page)
    }
}

impl fmt::Debug for Discoverer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Discoverer")
    }
}

/// Checks the fourth field of a tag. Rule: `validateRepoSubDir`.
fn check_subdirectory(subdirectory: &str) -> Result<()> {
    let reason = match subdirectory.bytes().next() {
        Some(b'/') => "leading slash",
        Some(b'-') => "leading hyphen",
        _ => return Ok(()),
    };
    bail!("invalid subdirectory {}: {reason}", shown(subdirectory))
}

/// Gives the fourth field of a tag without empty elements and dots.
///
/// Rule: `filepath.Join` in `newCodeRepo`. One that leads out of the root or back to it is refused: go takes
/// the dots that are left for the name of a folder, and finds no version there.
fn subdirectory(path: &ModulePath, import: &MetaImport) -> Result<String> {
    let mut elements = Vec::new();
    let inside = import.subdirectory.split('/').all(|element| match element {
        "" | "." => true,
        ".." => elements.pop().is_some(),
        _ => {
            elements.push(element);
            true
        }
    });
    let below = Place::new(path, &import.prefix, "")?;
    let named = !elements.is_empty() || !below.folder().is_empty();
    ensure!(
        import.subdirectory.is_empty() || (inside && named),
        "invalid subdirectory {}: it names no folder in the repository",
        shown(&import.subdirectory)
    );
    Ok(elements.join("/"))
}

/// Prepares a text that came from outside for a message: no password, no control character, not too long.
fn shown(text: &str) -> String {
    const MOST: usize = 200;
    let text = redacted(text);
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

#[cfg(test)]
mod tests;
