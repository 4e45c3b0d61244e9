//! Whole folders: making them read-only, removing them.

use std::fs;
use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::{Context, Result};
use walkdir::WalkDir;

/// Takes the write permission from a folder and all folders in it, the innermost first.
///
/// Files are left alone: the extractor has created them read-only. Source of the rule:
/// `makeDirsReadOnly` in `modfetch/fetch.go`.
pub fn make_read_only(folder: &Path) -> Result<()> {
    for entry in WalkDir::new(folder).contents_first(true) {
        let entry = entry.with_context(|| format!("cannot walk {}", folder.display()))?;
        if !entry.file_type().is_dir() {
            continue;
        }
        let mode = entry
            .metadata()
            .with_context(|| format!("cannot look at {}", entry.path().display()))?
            .permissions()
            .mode();
        set_mode(entry.path(), mode & !0o222)?;
    }
    Ok(())
}

/// Removes a folder with all that is in it, read-only folders too; one that is not there is no error.
pub fn remove_all(folder: &Path) -> Result<()> {
    if !super::exists(folder) {
        return Ok(());
    }
    for entry in WalkDir::new(folder).into_iter().flatten() {
        if entry.file_type().is_dir() {
            // A folder that cannot be made writable shows up as a failing removal below.
            let _ = set_mode(entry.path(), 0o777);
        }
    }
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", folder.display()))
        }
        _ => Ok(()),
    }
}

fn set_mode(path: &Path, mode: u32) -> Result<()> {
    fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o7777))
        .with_context(|| format!("cannot change the mode of {}", path.display()))
}
