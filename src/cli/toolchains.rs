//! Go's own releases, which are versions of the module golang.org/toolchain.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use super::sources::parse;
use crate::ops::Request;
use crate::toolchain::{Platform, module_of};

/// Which toolchains.
#[derive(Debug, Args)]
pub(super) struct ToolchainArguments {
    /// Fetch this Go toolchain, such as go1.23.4, from a module proxy; may be repeated
    ///
    /// go switches to it offline when a go.mod or GOTOOLCHAIN asks for it. It is always verified with the checksum
    /// database, as with go, unless you say --sumdb off, or the only proxy is a folder.
    #[arg(long = "toolchain", value_name = "RELEASE")]
    releases: Vec<String>,

    /// The platforms of the toolchains, such as linux/amd64,darwin/arm64 [default: this one]
    #[arg(long = "platform", value_name = "OS/ARCH", value_delimiter = ',', requires = "releases", value_parser = parse::<Platform>)]
    platforms: Vec<Platform>,

    /// Make a Go toolchain of the archive of an official release on this machine; may be repeated
    ///
    /// Such as go1.23.4.linux-amd64.tar.gz. What comes out must have the sum that the checksum database has.
    #[arg(long = "from", value_name = "ARCHIVE")]
    pub(super) archives: Vec<PathBuf>,
}

impl ToolchainArguments {
    /// Tells whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.releases.is_empty() && self.archives.is_empty()
    }

    /// The modules that the releases are.
    ///
    /// # Errors
    /// What is no release.
    pub(super) fn requests(&self) -> Result<Vec<Request>> {
        let here = [Platform::here()?];
        let platforms = match self.platforms.as_slice() {
            [] => &here,
            named => named,
        };
        let mut requests = Vec::new();
        for release in &self.releases {
            for platform in platforms {
                let module = module_of(release, platform)?;
                requests.push(Request {
                    path: module.path,
                    query: Some(module.version.to_string()),
                });
            }
        }
        Ok(requests)
    }
}
