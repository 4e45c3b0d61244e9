//! A folder that is a module proxy, for `GOPROXY=file://` or behind any web server.

use std::collections::BTreeMap;

use anyhow::Result;

use crate::cache::{Cache, File, versions_path};
use crate::disk;
use crate::module::{Info, ModulePath, ModuleVersion, Version, semver};

/// Writes what a proxy has besides the files of versions: the list of each module, without pseudo-versions and with
/// those that have capitals, and the answer to `@latest`. Source of the rules: the section "GOPROXY protocol" of
/// the Go Modules Reference; `Latest` in `modfetch/proxy.go`.
///
/// # Errors
/// Files that cannot be read or written.
pub fn index_proxy_folder(folder: &Cache) -> Result<()> {
    let mut modules: BTreeMap<ModulePath, Vec<Version>> = BTreeMap::new();
    for module in folder.versions()? {
        modules.entry(module.path).or_default().push(module.version);
    }
    for (path, versions) in modules {
        let tagged = versions.iter().filter(|version| !version.is_pseudo());
        let list: String = tagged.map(|version| format!("{version}\n")).collect();
        let at = folder.downloads().join(versions_path(&path));
        disk::write_atomic(&at.join("list"), list.as_bytes())?;
        if let Some(info) = latest(folder, &path, &versions)? {
            disk::write_atomic(&at.with_file_name("@latest"), &info)?;
        }
    }
    Ok(())
}

/// Gives the `.info` of the highest release, or else of the highest pre-release, or else of the newest commit.
fn latest(folder: &Cache, path: &ModulePath, versions: &[Version]) -> Result<Option<Vec<u8>>> {
    let mut known = Vec::new();
    for version in versions {
        let module = ModuleVersion {
            path: path.clone(),
            version: version.clone(),
        };
        if let Some(content) = folder.read(&module, File::Info)? {
            known.push((rank(version, &content), version, content));
        }
    }
    Ok(known.into_iter().max().map(|(_, _, content)| content))
}

/// Ranks a version by its kind, and commits by their time.
fn rank(version: &Version, info: &[u8]) -> (u8, i64) {
    match (version.is_pseudo(), semver::prerelease(version.as_str())) {
        (true, _) => (0, Info::parse(info).map_or(0, |info| info.time.unix())),
        (false, "") => (2, 0),
        (false, _) => (1, 0),
    }
}
