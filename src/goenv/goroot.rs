//! The installed go, for what its own `go.env` file sets.

use std::path::{Path, PathBuf};

use super::GoEnv;
use crate::disk;

/// The file of an installed go with the settings of whoever made it; distributions change GOPROXY there.
pub(super) const SETTINGS: &str = "go.env";

impl GoEnv {
    /// Finds the folder of the installed go: GOROOT, else the one that the first `go` in PATH belongs to.
    ///
    /// Rule: `findGOROOT` in `cmd/go/internal/cfg`, seen from outside of the go command. The go env file
    /// comes before the process here, other than for all else.
    pub(super) fn goroot(&self) -> Option<PathBuf> {
        let from_file = self.file.get("GOROOT").map(String::as_str);
        if let Some(folder) = from_file.filter(|folder| !folder.is_empty()) {
            return Some(PathBuf::from(folder));
        }
        if let Some(folder) = self.process("GOROOT") {
            return Some(PathBuf::from(folder));
        }
        let program = std::env::split_paths(self.process("PATH")?)
            .map(|folder| folder.join("go"))
            .find(|program| program.is_absolute() && disk::is_file(program))?;
        root_of(&program).or_else(|| root_of(&disk::canonicalize(&program).ok()?))
    }
}

impl GoEnv {
    /// Gives the version of the installed go, such as `1.26.0`; `None` where there is no go, or none that says.
    pub fn installed_go(&self) -> Option<String> {
        const MOST: u64 = 64 << 10;
        let file = self.goroot()?.join("VERSION");
        let text = String::from_utf8(disk::read_limited(&file, MOST).ok()?).ok()?;
        let version = text.lines().next()?.trim().strip_prefix("go")?;
        Some(version.split([' ', '-']).next()?.to_owned())
    }
}

/// The program is in `bin`, or in `bin/<os>_<architecture>` where it was cross-compiled.
fn root_of(program: &Path) -> Option<PathBuf> {
    program
        .ancestors()
        .skip(2)
        .take(2)
        .find(|folder| disk::is_dir(&folder.join("pkg/tool")))
        .map(Path::to_owned)
}

#[cfg(test)]
mod tests {
    use super::super::tests::env;

    #[test]
    fn an_installed_go_is_asked_last() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("go");
        for name in ["bin", "pkg/tool", "links"] {
            std::fs::create_dir_all(root.join(name)).unwrap();
        }
        std::fs::write(root.join("bin/go"), "").unwrap();
        std::fs::write(root.join("go.env"), "GOPROXY=direct\nGOSUMDB=off\n").unwrap();
        let settings = folder.path().join("env");
        std::fs::write(&settings, "GOSUMDB=sum.example\n").unwrap();
        let link = root.join("links/go");
        std::os::unix::fs::symlink(root.join("bin/go"), &link).unwrap();

        let settings = settings.to_str().unwrap();
        for (key, value) in [
            ("GOROOT", root.to_str().unwrap()),
            ("PATH", root.join("bin").to_str().unwrap()),
            ("PATH", link.parent().unwrap().to_str().unwrap()),
        ] {
            let env = env(&[(key, value), ("GOENV", settings)]);
            assert_eq!(
                (env.goproxy(), env.gosumdb()),
                ("direct", "sum.example"),
                "{key}={value}"
            );
        }
        let unknown = env(&[("PATH", folder.path().to_str().unwrap()), ("GOENV", "off")]);
        assert_eq!(unknown.goproxy(), "https://proxy.golang.org,direct");
    }
}
