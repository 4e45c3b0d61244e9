//! Extraction, to come.
use super::Control;
/// Extracts.
pub fn extract(
    _: &std::path::Path,
    _: &crate::module::ModuleVersion,
    _: &crate::disk::tree::TreeWriter,
    _: &Control<'_>,
) -> anyhow::Result<()> {
    anyhow::bail!("extraction is not there yet")
}
