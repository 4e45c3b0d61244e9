//! The settings with which the go command works on a cache and reaches for nothing else.

use std::path::Path;

use anyhow::Result;

use super::Presence;
use crate::cache::{Cache, Holding};
use crate::module::ModulePath;
use crate::toolchain::{self, Platform};

/// A setting of the go command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The variable.
    pub name: &'static str,
    /// Its value.
    pub value: String,
    /// Why it is needed.
    pub why: &'static str,
}

/// Lists the settings for working offline on a cache.
///
/// `GOPROXY=off` would refuse `@latest` and version lists even of modules that the cache has; the cache
/// itself, as a proxy, answers both. Go switches to a release in the cache only where it may switch at all.
///
/// # Errors
/// A folder of the cache that cannot be read.
pub fn offline_settings(cache: &Cache) -> Result<Vec<Setting>> {
    let folder = cache.root().display().to_string();
    let setting = |name, value: &str, why| Setting {
        name,
        value: value.to_owned(),
        why,
    };
    let (toolchain, why) = match has_release(cache)? {
        true => (
            "auto",
            "take another go from the cache, too, for a go.mod that wants a newer one",
        ),
        false => (
            "local",
            "do not download another go for a go.mod that wants a newer one",
        ),
    };
    Ok(vec![
        setting("GOMODCACHE", &folder, "the cache that was filled"),
        setting(
            "GOPROXY",
            &file_url(cache.downloads()),
            "take modules from the cache; unlike `off`, this answers @latest and version lists",
        ),
        setting(
            "GONOPROXY",
            "none",
            "private modules come from the cache, too, and not from their hosts",
        ),
        setting(
            "GOSUMDB",
            "off",
            "do not ask the checksum database about modules that go.sum does not name",
        ),
        setting("GOTOOLCHAIN", toolchain, why),
    ])
}

/// Tells whether the cache has a release of Go that runs here.
fn has_release(cache: &Cache) -> Result<bool> {
    let here = Platform::here()?;
    let held = cache.holdings_of(&ModulePath::new(ModulePath::TOOLCHAIN)?)?;
    let runs_here = |held: &Holding| {
        Presence::of(held) == Presence::Cached && toolchain::is_for(&held.module, &here)
    };
    Ok(held.iter().any(runs_here))
}

/// Writes a path as a URL. GOPROXY is a list, so that a comma or bar in a path must be escaped as well.
fn file_url(path: &Path) -> String {
    let mut url = String::from("file://");
    for byte in path.display().to_string().bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => url.push(char::from(byte)),
            plain if plain.is_ascii_alphanumeric() => url.push(char::from(plain)),
            other => url.push_str(&format!("%{other:02X}")),
        }
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_escaped_so_that_it_stays_one_element_of_a_list() {
        assert_eq!(
            file_url(Path::new("/go mod/a,b|c%/ä")),
            "file:///go%20mod/a%2Cb%7Cc%25/%C3%A4"
        );
    }
}
