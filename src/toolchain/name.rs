//! Which module a toolchain is.

use std::env::consts;
use std::fmt;
use std::str::FromStr;

use anyhow::{Context, Result, anyhow, ensure};

use crate::gomod::go_version;
use crate::module::{ModulePath, ModuleVersion, Version};

/// The version of the packaging, which all of them have.
const PACKAGING: &str = "v0.0.1";

/// An operating system and an architecture, in Go's names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Platform {
    os: String,
    architecture: String,
}

impl Platform {
    /// Takes an operating system and an architecture.
    ///
    /// # Errors
    /// Names of other than lower-case letters and digits.
    pub fn new(os: &str, architecture: &str) -> Result<Platform> {
        let is_name = |name: &str| {
            let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
            !name.is_empty() && name.len() <= 32 && name.bytes().all(is_letter)
        };
        ensure!(
            is_name(os) && is_name(architecture),
            "no platform: {os:?} and {architecture:?}"
        );
        Ok(Platform {
            os: os.to_owned(),
            architecture: architecture.to_owned(),
        })
    }

    /// The platform that this program is made for.
    ///
    /// # Errors
    /// A system that Go has no such name for.
    pub fn here() -> Result<Platform> {
        Platform::new(
            match consts::OS {
                "macos" => "darwin",
                other => other,
            },
            match consts::ARCH {
                "x86_64" => "amd64",
                "aarch64" => "arm64",
                "x86" => "386",
                "powerpc64" => "ppc64",
                "loongarch64" => "loong64",
                other => other,
            },
        )
    }
}

impl FromStr for Platform {
    type Err = anyhow::Error;

    /// Parses `linux/amd64`, or `linux-amd64` as file names have it.
    fn from_str(text: &str) -> Result<Platform> {
        let parts = text.split_once(['/', '-']);
        let (os, architecture) =
            parts.with_context(|| format!("{text:?} is no platform such as linux/amd64"))?;
        Platform::new(os, architecture)
    }
}

/// As `go version` has it: `linux/amd64`.
impl fmt::Display for Platform {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.os, self.architecture)
    }
}

/// Takes the version of a release apart: `go1.23.4` and `linux-amd64`.
fn parts(module: &ModuleVersion) -> Option<(&str, &str)> {
    let version = module.version.as_str().strip_prefix(PACKAGING)?;
    let parts = version.strip_prefix('-')?.rsplit_once('.');
    parts.filter(|_| module.path.is_toolchain())
}

/// Tells whether a module version is a release of Go, or one of a language version (`go1.23` has `go1.23.4`), for whatever
/// platform.
pub fn is_of(module: &ModuleVersion, name: &str) -> bool {
    parts(module).is_some_and(|(release, _)| {
        let rest = release.strip_prefix(name);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

/// Tells whether a module version is a release of Go for a platform.
pub fn is_for(module: &ModuleVersion, platform: &Platform) -> bool {
    parts(module).is_some_and(|(_, of)| of.parse::<Platform>().is_ok_and(|of| of == *platform))
}

/// Gives the module of a release, such as `go1.23.4`, for a platform.
///
/// # Errors
/// What is no release: a language version is none since go1.21, and there are no others as modules with a sum
/// that can be checked.
pub fn module_of(release: &str, platform: &Platform) -> Result<ModuleVersion> {
    let version = release.strip_prefix("go").filter(|version| {
        go_version::is_valid(version) && version.len() <= 64 && !version.contains('/')
    });
    let version =
        version.ok_or_else(|| anyhow!("{release:?} is no Go release such as go1.23.4"))?;
    let Platform { os, architecture } = platform;
    let version = format!("{PACKAGING}-go{version}.{os}-{architecture}");
    Ok(ModuleVersion {
        path: ModulePath::new(ModulePath::TOOLCHAIN)?,
        version: Version::new(&version)?,
    })
}
