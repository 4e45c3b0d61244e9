//! Recorded sums as the condition for content to become visible.

use anyhow::Result;

use super::{GoSum, Mismatch, Part, Verdict};
use crate::module::ModuleVersion;

/// The go.sum files that content must agree with, each with its name.
#[derive(Clone, Debug, Default)]
pub struct SumFiles {
    files: Vec<(String, GoSum)>,
}

impl SumFiles {
    /// Adds the sums of a go.sum file.
    ///
    /// # Errors
    /// A malformed line, with its number.
    pub fn add(&mut self, name: &str, content: &[u8]) -> Result<()> {
        self.files
            .push((name.to_owned(), GoSum::parse(name, content)?));
        Ok(())
    }

    /// Checks the sum of a module zip. One that no file names passes.
    ///
    /// # Errors
    /// [`Mismatch`] when a file has another sum.
    pub fn check(&self, module: &ModuleVersion, sum: &str) -> Result<()> {
        self.check_part(module, Part::Zip, sum)
    }

    /// Checks the sum of a go.mod. One that no file names passes.
    ///
    /// # Errors
    /// [`Mismatch`] when a file has another sum.
    pub fn check_go_mod(&self, module: &ModuleVersion, sum: &str) -> Result<()> {
        self.check_part(module, Part::GoMod, sum)
    }

    /// Gives the recorded sum of a module zip.
    pub fn recorded(&self, module: &ModuleVersion) -> Option<&str> {
        self.recorded_part(module, Part::Zip)
    }

    /// Gives the recorded sum of a go.mod.
    pub fn recorded_go_mod(&self, module: &ModuleVersion) -> Option<&str> {
        self.recorded_part(module, Part::GoMod)
    }

    /// Gives the recorded sum of a part of a version.
    pub fn recorded_part(&self, module: &ModuleVersion, part: Part) -> Option<&str> {
        let version = format!("{}{part}", module.version);
        self.files.iter().find_map(|(_, sums)| {
            let sum = sums.lookup(module.path.as_str(), &version).first()?;
            Some(sum.as_str())
        })
    }

    /// Checks the sum of a part of a version. One that no file names passes.
    ///
    /// # Errors
    /// [`Mismatch`] when a file has another sum.
    pub fn check_part(&self, module: &ModuleVersion, part: Part, sum: &str) -> Result<()> {
        let version = format!("{}{part}", module.version);
        for (name, sums) in &self.files {
            if let Verdict::Mismatch(recorded) = sums.check(module.path.as_str(), &version, sum) {
                return Err(Mismatch {
                    module: module.clone(),
                    part,
                    found: sum.to_owned(),
                    recorder: name.clone(),
                    recorded: recorded.to_owned(),
                    reasons: Vec::new(),
                }
                .into());
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::module::{ModulePath, Version};

    #[test]
    fn only_a_recorded_sum_of_the_same_entry_refuses() {
        let module = ModuleVersion {
            path: ModulePath::new("example.com/m").unwrap(),
            version: Version::new("v1.0.0").unwrap(),
        };
        let mut sums = SumFiles::default();
        sums.add(
            "go.sum",
            b"example.com/m v1.0.0 h1:zip=\nexample.com/m v1.1.0/go.mod h1:x=\n",
        )
        .unwrap();
        assert!(sums.check(&module, "h1:zip=").is_ok());
        assert_eq!(sums.recorded(&module), Some("h1:zip="));
        assert_eq!(sums.recorded_go_mod(&module), None);
        assert!(sums.check_go_mod(&module, "h1:any=").is_ok());
        let error = sums.check(&module, "h1:other=").unwrap_err();
        assert_eq!(
            error.to_string(),
            "example.com/m@v1.0.0: checksum mismatch\nfound: h1:other=\ngo.sum: h1:zip="
        );
    }
}
