//! Which checksum database is asked, and about what.

use anyhow::{Context, Result, bail, ensure};
use url::Url;

use super::note::VerifierKey;
use crate::goenv::GoEnv;
use crate::module::ModulePath;

/// The databases whose keys go knows by their names. Source: `modfetch/key.go`.
const KNOWN: &[(&str, &str)] = &[(
    "sum.golang.org",
    "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
)];

/// A checksum database, as GOSUMDB names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Database {
    /// The key with which it signs.
    pub key: VerifierKey,
    /// Where it is, when GOSUMDB says so: then it is asked there and nowhere else.
    pub url: Option<Url>,
}

impl Database {
    /// Reads the value of GOSUMDB: name or key, and perhaps a URL. None for `off`.
    ///
    /// # Errors
    /// No key, an unknown name, a name that is no `host[/path]`, a URL that is none, more words.
    pub fn parse(gosumdb: &str) -> Result<Option<Database>> {
        let gosumdb = match gosumdb {
            "off" => return Ok(None),
            // Another address of the first, for those who cannot reach it.
            "sum.golang.google.cn" => "sum.golang.org https://sum.golang.google.cn",
            other => other,
        };
        let mut words = gosumdb.split_whitespace();
        let key = words.next().context("missing GOSUMDB")?;
        let known = KNOWN.iter().find(|(name, _)| *name == key);
        let key: VerifierKey = known
            .map_or(key, |(_, key)| key)
            .parse()
            .context("invalid GOSUMDB")?;
        ensure!(
            is_host_and_path(key.name()),
            "invalid sumdb name (must be host[/path]): {}",
            key.name()
        );
        // The text of the parser's error has nothing of the URL, which may hold a secret.
        let url = words.next().map(Url::parse).transpose();
        let url = url.context("invalid GOSUMDB URL")?;
        if words.next().is_some() {
            bail!("invalid GOSUMDB: too many fields");
        }
        Ok(Some(Database { key, url }))
    }

    /// Gives the address that follows from the name.
    ///
    /// # Errors
    /// None for a database that was parsed.
    pub fn direct(&self) -> Result<Url> {
        let name = self.key.name();
        Url::parse(&format!("https://{name}")).with_context(|| format!("no address: {name}"))
    }
}

/// The name becomes a folder of the cache and a URL: it is to mean the same in both.
fn is_host_and_path(name: &str) -> bool {
    let is_element = |element: &str| !matches!(element, "" | "." | "..") && !element.contains('\\');
    let Ok(url) = Url::parse(&format!("https://{name}")) else {
        return false;
    };
    let parsed = format!(
        "{}{}",
        url.host_str().unwrap_or_default(),
        match url.port() {
            Some(port) => format!(":{port}"),
            None => String::new(),
        }
    );
    let path = url.path().trim_end_matches('/');
    name.split('/').all(is_element) && format!("{parsed}{path}") == name
}

/// Tells whether go would ask the checksum database about a module, with a GOPROXY of this value.
///
/// The modules of GONOSUMDB are nobody's business, and with GOSUMDB=off none is. But the go command itself is
/// not run unverified, unless it comes from a folder alone. Rule: `useSumDB` in `modfetch/sumdb.go`.
pub fn is_asked_about(path: &str, env: &GoEnv, goproxy: &str) -> bool {
    let is_one_folder = goproxy.starts_with("file://") && !goproxy.contains([',', '|']);
    if path == ModulePath::TOOLCHAIN && !is_one_folder {
        return true;
    }
    env.gosumdb() != "off" && !env.is_kept_from_sum_database(path)
}
