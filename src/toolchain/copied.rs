//! The go.mod files of an extracted toolchain, which no zip can hold: they come as `_go.mod`.

use std::path::Path;

use crate::disk;

/// Tells whether a file in the folder of a toolchain is a go.mod that go has copied from the `_go.mod` beside it, as
/// it does before it runs the toolchain for the first time (`Exec` in `toolchain/select.go`).
pub fn is_copied_go_mod(folder: &Path, name: &str) -> bool {
    let beside = name.strip_suffix("go.mod");
    let Some(beside) = beside.filter(|it| it.is_empty() || it.ends_with('/')) else {
        return false;
    };
    let original = disk::read(&folder.join(format!("{beside}_go.mod")));
    original.is_ok_and(|original| {
        disk::has_content(&folder.join(name), &original).is_ok_and(|is_same| is_same)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_copy_of_the_file_beside_it_is_one() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(folder.path().join("src/cmd")).unwrap();
        for (name, content) in [
            ("src/_go.mod", "module std\n"),
            ("src/go.mod", "module std\n"),
            ("src/cmd/_go.mod", "module cmd\n"),
            ("src/cmd/go.mod", "module other\n"),
            ("src/cmd/xgo.mod", "module cmd\n"),
            ("go.mod", "module cmd\n"),
        ] {
            std::fs::write(folder.path().join(name), content).unwrap();
        }
        let is_copied = |name| is_copied_go_mod(folder.path(), name);
        assert!(is_copied("src/go.mod"));
        for name in ["src/cmd/go.mod", "src/cmd/xgo.mod", "go.mod", "src/_go.mod"] {
            assert!(!is_copied(name), "{name}");
        }
    }
}
