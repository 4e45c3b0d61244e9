//! The settings that say where go gets modules from, and whom it trusts for their sums.
//!
//! Source of the rules: `cmd/go/internal/cfg/cfg.go`. A variable that is empty counts as not set.

use std::path::PathBuf;

use anyhow::{Result, bail};

use super::GoEnv;
use crate::module::matches_prefix_patterns;

/// The module proxies of a go as it is released. Its `go.env` file says so, which some distributions change.
const RELEASED_GOPROXY: &str = "https://proxy.golang.org,direct";

/// The checksum database of a go as it is released.
const RELEASED_GOSUMDB: &str = "sum.golang.org";

impl GoEnv {
    /// Gives GOPROXY: module proxies, separated by `,` and `|`, or `direct` or `off`.
    pub fn goproxy(&self) -> &str {
        self.get("GOPROXY").unwrap_or(RELEASED_GOPROXY)
    }

    /// Gives GOSUMDB: `off`, or name or key of a checksum database, with its URL behind a space.
    pub fn gosumdb(&self) -> &str {
        self.get("GOSUMDB").unwrap_or(RELEASED_GOSUMDB)
    }

    /// Gives GOPRIVATE, the patterns of modules that are nobody else's business.
    pub fn goprivate(&self) -> &str {
        self.get("GOPRIVATE").unwrap_or_default()
    }

    /// Gives GONOPROXY, the patterns of modules that no proxy is asked for; GOPRIVATE where it is not set.
    pub fn gonoproxy(&self) -> &str {
        self.get("GONOPROXY").unwrap_or_else(|| self.goprivate())
    }

    /// Gives GONOSUMDB, the patterns of modules that no checksum database is asked for; GOPRIVATE where it is
    /// not set.
    pub fn gonosumdb(&self) -> &str {
        self.get("GONOSUMDB").unwrap_or_else(|| self.goprivate())
    }

    /// Gives GOINSECURE, the patterns of modules that may come over http and with any certificate.
    pub fn goinsecure(&self) -> &str {
        self.get("GOINSECURE").unwrap_or_default()
    }

    /// Tells whether GONOPROXY keeps a module path away from proxies.
    pub fn is_kept_from_proxies(&self, path: &str) -> bool {
        matches_prefix_patterns(self.gonoproxy(), path)
    }

    /// Tells whether GONOSUMDB keeps a module path away from the checksum database.
    pub fn is_kept_from_sum_database(&self, path: &str) -> bool {
        matches_prefix_patterns(self.gonosumdb(), path)
    }

    /// Tells whether GOINSECURE lets a module path come over http and with any certificate.
    pub fn may_be_insecure(&self, path: &str) -> bool {
        matches_prefix_patterns(self.goinsecure(), path)
    }

    /// Gives the folder in which go keeps what it knows of checksum databases: `pkg/sumdb` in the first
    /// element of GOPATH. It holds the latest tree of each, and outlives the module cache.
    ///
    /// # Errors
    /// A relative or an empty first element, or no home folder to derive one from.
    pub fn sumdb_folder(&self) -> Result<PathBuf> {
        match self.gopath()? {
            Some(folder) => Ok(folder.join("pkg/sumdb")),
            None => bail!("folder of checksum databases not found: neither GOPATH nor HOME is set"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::tests::env;

    #[test]
    fn what_is_not_set_is_as_go_is_released() {
        let env = env(&[("GOPROXY", ""), ("HOME", "/nowhere")]);
        assert_eq!(env.goproxy(), "https://proxy.golang.org,direct");
        assert_eq!(env.gosumdb(), "sum.golang.org");
        assert_eq!(
            [
                env.goprivate(),
                env.gonoproxy(),
                env.gonosumdb(),
                env.goinsecure()
            ],
            [""; 4]
        );
        let folder = env.sumdb_folder().unwrap();
        assert_eq!(folder, Path::new("/nowhere/go/pkg/sumdb"));
    }

    #[test]
    fn private_modules_are_kept_from_proxies_and_databases_unless_these_say_otherwise() {
        let private = env(&[("GOPRIVATE", "*.corp.com"), ("GOINSECURE", "old.corp.com")]);
        assert!(private.is_kept_from_proxies("git.corp.com/x"));
        assert!(private.is_kept_from_sum_database("git.corp.com/x"));
        assert!(!private.may_be_insecure("git.corp.com/x"));
        assert!(private.may_be_insecure("old.corp.com/x"));
        let open = env(&[
            ("GOPRIVATE", "*.corp.com"),
            ("GONOPROXY", "none"),
            ("GONOSUMDB", "none"),
        ]);
        assert!(!open.is_kept_from_proxies("git.corp.com/x"));
        assert!(!open.is_kept_from_sum_database("git.corp.com/x"));
    }

    #[test]
    fn an_empty_first_element_of_gopath_is_no_folder() {
        assert!(env(&[("GOPATH", ":/h")]).sumdb_folder().is_err());
        assert!(env(&[("GOPATH", "go")]).sumdb_folder().is_err());
        assert!(env(&[]).sumdb_folder().is_err());
    }
}
