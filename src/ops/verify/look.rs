//! Looking at one version.

use std::num::NonZeroUsize;

use anyhow::{Context, Result};

use super::finding::Fault;
use super::vouching::{Said, Vouching};
use crate::cache::{Cache, File, State};
use crate::checksum::{Mismatch, Part, dirhash};
use crate::gomod;
use crate::module::{Info, ModuleVersion};
use crate::modzip::{self, Comparison, Control, Extracted};
use crate::ops::Monitor;

/// Who looks at versions.
pub(super) struct Looker<'a> {
    pub(super) cache: &'a Cache,
    pub(super) vouching: Vouching<'a>,
    pub(super) monitor: &'a dyn Monitor,
}

impl Looker<'_> {
    /// Tells what is wrong with a version. Everything of it is read.
    ///
    /// # Errors
    /// Files that cannot be read, the user's wish to stop.
    pub(super) fn look(&self, module: &ModuleVersion, threads: NonZeroUsize) -> Result<Vec<Fault>> {
        let mut faults = Vec::new();
        let state = self.cache.state(module)?;
        if let Some(info) = self.cache.read(module, File::Info)? {
            faults.extend(info_fault(module, &info));
        }
        let go_mod = self.cache.read(module, File::Mod)?;
        match &go_mod {
            Some(go_mod) => faults.extend(self.go_mod_fault(module, go_mod)?),
            None if state.zip => faults.push(Fault::GoMod("is missing".to_owned())),
            None => {}
        }
        if state.partial {
            faults.push(Fault::Unfinished);
        }
        if state.zip {
            self.look_at_zip(module, state, threads, go_mod.as_deref(), &mut faults)?;
        } else if state.is_extracted() {
            faults.extend(self.folder_fault(module)?);
        }
        Ok(faults)
    }

    fn go_mod_fault(&self, module: &ModuleVersion, go_mod: &[u8]) -> Result<Option<Fault>> {
        let sum = dirhash::go_mod_sum(go_mod);
        if let Said::Wrong(mismatch) = self.vouching.ask(module, Part::GoMod, &sum)? {
            return Ok(Some(Fault::GoModSum(mismatch)));
        }
        // Go refuses it wherever it comes up in a module graph.
        let parsed = gomod::parse_lax("go.mod", go_mod);
        let reason = parsed
            .err()
            .map(|error| format!("cannot be parsed: {error}"));
        Ok(reason.map(Fault::GoMod))
    }

    fn look_at_zip(
        &self,
        module: &ModuleVersion,
        state: State,
        threads: NonZeroUsize,
        go_mod: Option<&[u8]>,
        faults: &mut Vec<Fault>,
    ) -> Result<()> {
        let comparison = match state.is_extracted() {
            true => Some(Comparison::new(&self.cache.folder(module)?)),
            false => None,
        };
        let cancelled = || self.monitor.interrupted();
        let control = Control {
            threads,
            cancelled: &cancelled,
            progress: &|_| (),
        };
        let zip = self.cache.file(module, File::Zip)?;
        let Extracted { sums, .. } =
            match modzip::extract(&zip, module, comparison.as_ref(), &control) {
                Ok(extracted) => extracted,
                Err(error) if self.monitor.interrupted() => return Err(error),
                Err(error) => {
                    faults.push(Fault::Zip(format!("{:#}", root(&error))));
                    return Ok(());
                }
            };
        let in_zip = format!("{module}/go.mod");
        let in_zip = sums.iter().find(|(name, _)| *name == in_zip);
        if let (Some((_, sum)), Some(go_mod)) = (in_zip, go_mod)
            && dirhash::hash1([("go.mod", *sum)])? != dirhash::go_mod_sum(go_mod)
        {
            faults.push(Fault::GoMod("is not the go.mod in the zip".to_owned()));
        }
        let sum = dirhash::hash1(sums)?;
        faults.extend(self.sum_fault(module, state, sum)?);
        if let Some(comparison) = comparison {
            let differences = comparison.finish()?;
            if !differences.is_empty() {
                faults.push(Fault::Folder(differences));
            }
        }
        Ok(())
    }

    fn sum_fault(
        &self,
        module: &ModuleVersion,
        state: State,
        sum: String,
    ) -> Result<Option<Fault>> {
        let said = self.vouching.ask(module, Part::Zip, &sum)?;
        if let Said::Wrong(mismatch) = said {
            return Ok(Some(Fault::ZipSum(mismatch)));
        }
        let Some(recorded) = self.cache.recorded_sum(module)? else {
            let what = match state.zip_hash {
                true => "holds no sum",
                false => "is missing",
            };
            return Ok(Some(Fault::Hash(what.to_owned())));
        };
        Ok(match said {
            _ if recorded == sum => None,
            Said::Right => Some(Fault::Hash(
                "is not the sum of the zip, which is right".to_owned(),
            )),
            _ => Some(Fault::ZipAgainstHash(against_hash(module, sum, recorded))),
        })
    }

    /// Looks at a folder whose zip is gone, as one may be: go needs it no more.
    fn folder_fault(&self, module: &ModuleVersion) -> Result<Option<Fault>> {
        let sum = dirhash::hash_folder(&self.cache.folder(module)?, &module.to_string())?;
        if let Said::Wrong(mismatch) = self.vouching.ask(module, Part::Zip, &sum)? {
            return Ok(Some(Fault::FolderSum(mismatch)));
        }
        Ok(match self.cache.recorded_sum(module)? {
            Some(recorded) if recorded != sum => {
                Some(Fault::FolderSum(against_hash(module, sum, recorded)))
            }
            Some(_) => None,
            None => Some(Fault::Hash("holds no sum".to_owned())),
        })
    }
}

fn against_hash(module: &ModuleVersion, found: String, recorded: String) -> Mismatch {
    Mismatch {
        module: module.clone(),
        part: Part::Zip,
        found,
        recorder: ".ziphash".to_owned(),
        recorded,
        reasons: Vec::new(),
    }
}

fn info_fault(module: &ModuleVersion, info: &[u8]) -> Option<Fault> {
    let reason = match Info::parse(info) {
        Ok(info) if info.version == module.version => return None,
        Ok(info) => format!("is that of {}", info.version),
        Err(error) => format!("cannot be parsed: {error:#}"),
    };
    Some(Fault::Info(reason))
}

/// The error without the path of the zip, which the finding is about.
fn root(error: &anyhow::Error) -> String {
    let causes: Vec<String> = error.chain().skip(1).map(ToString::to_string).collect();
    match causes.is_empty() {
        true => error.to_string(),
        false => causes.join(": "),
    }
}

impl Looker<'_> {
    /// The context of whatever goes wrong with a version.
    pub(super) fn look_again_if_wrong(
        &self,
        module: &ModuleVersion,
        threads: NonZeroUsize,
    ) -> Result<Vec<Fault>> {
        let about = || format!("{module}: cannot be verified");
        let faults = self.look(module, threads).with_context(about)?;
        if faults.is_empty() {
            return Ok(faults);
        }
        // Somebody may be at work on it: it looks right at the latest when he is done.
        let _lock = self.cache.lock_if_there(module)?;
        self.look(module, threads).with_context(about)
    }
}
