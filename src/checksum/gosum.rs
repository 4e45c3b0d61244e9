//! go.sum.
use crate::module::ModuleVersion;

/// go.sum.
#[derive(Default)]
pub struct GoSum;
impl GoSum {
    /// Parses.
    pub fn parse(_: &str, _: &[u8]) -> anyhow::Result<GoSum> {
        Ok(GoSum)
    }
    /// Merges.
    pub fn merge(&mut self, _: GoSum) {}
    /// Checks.
    pub fn check(&self, _: &ModuleVersion, _: &str) -> anyhow::Result<()> {
        Ok(())
    }
    /// Checks.
    pub fn check_go_mod(&self, _: &ModuleVersion, _: &str) -> anyhow::Result<()> {
        Ok(())
    }
}
