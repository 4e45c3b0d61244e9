//! Looking at one version.

use std::num::NonZeroUsize;
use std::path::Path;

use anyhow::{Result, bail};

use super::finding::{Backing, Fault};
use super::recorded::{Recorded, Records, Said};
use crate::cache::{Cache, File, State};
use crate::checksum::{Mismatch, Part, dirhash};
use crate::gomod;
use crate::module::{Info, ModuleVersion};
use crate::modzip::{self, Comparison, Difference, Extracted};
use crate::ops::Monitor;
use crate::ops::monitor::unreported;
use crate::toolchain;
use crate::web::Interrupted;

/// The module that go unpacks from a file of its own release, without a hash (`DownloadDir` in `modfetch/cache.go`).
const UNPACKED_BY_GO: &str = "golang.org/fips140";

/// Who looks at versions.
pub(in crate::ops) struct Looker<'a> {
    pub(in crate::ops) cache: &'a Cache,
    pub(in crate::ops) records: &'a Records<'a>,
    pub(in crate::ops) monitor: &'a dyn Monitor,
}

/// What one look is about, and what it has found.
struct Look<'a> {
    looker: &'a Looker<'a>,
    module: &'a ModuleVersion,
    threads: NonZeroUsize,
    state: State,
    recorded: Recorded<'a>,
    faults: Vec<Fault>,
}

impl Looker<'_> {
    /// Tells what is wrong with a version. What looks wrong is looked at again under the lock: somebody may be at work
    /// on it, and it looks right at the latest when he is done.
    ///
    /// # Errors
    /// A lock that cannot be had, the user's wish to stop.
    pub(super) fn look_twice(
        &self,
        module: &ModuleVersion,
        threads: NonZeroUsize,
    ) -> Result<Vec<Fault>> {
        let faults = self.look(module, threads)?;
        if faults.is_empty() {
            return Ok(faults);
        }
        let _lock = self.cache.lock_if_there(module)?;
        self.look(module, threads)
    }

    /// Tells what is wrong with a version at this moment. Everything of it is read.
    ///
    /// # Errors
    /// The user's wish to stop. What cannot be read is a fault.
    pub(in crate::ops) fn look(
        &self,
        module: &ModuleVersion,
        threads: NonZeroUsize,
    ) -> Result<Vec<Fault>> {
        let faults = self.faults(module, threads);
        if self.monitor.interrupted() {
            bail!(Interrupted);
        }
        Ok(faults.unwrap_or_else(|error| vec![Fault::Unreadable(format!("{error:#}"))]))
    }

    fn faults(&self, module: &ModuleVersion, threads: NonZeroUsize) -> Result<Vec<Fault>> {
        let (recorded, faults) = self.records.of(module)?;
        let mut look = Look {
            looker: self,
            module,
            threads,
            state: self.cache.state(module)?,
            recorded,
            faults,
        };
        look.at_everything()?;
        Ok(look.faults)
    }
}

impl Look<'_> {
    fn at_everything(&mut self) -> Result<()> {
        if let Some(info) = self.read(File::Info)? {
            self.faults.extend(info_fault(self.module, &info));
        }
        let go_mod = self.read(File::Mod)?;
        if self.state.partial {
            self.faults.push(Fault::Unfinished);
        }
        let in_zip = match self.state.zip {
            true => self.at_zip()?,
            false => {
                self.at_folder_alone()?;
                None
            }
        };
        match go_mod {
            Some(go_mod) => self.at_go_mod(&go_mod, in_zip),
            None => Ok(()),
        }
    }

    fn read(&self, file: File) -> Result<Option<Vec<u8>>> {
        self.looker.cache.read(self.module, file)
    }

    /// Looks at the zip, and with its files at the folder. Gives the sum of the go.mod in it.
    fn at_zip(&mut self) -> Result<Option<[u8; 32]>> {
        let folder = self.looker.cache.folder(self.module)?;
        let comparison =
            (self.state.folder && !self.state.partial).then(|| Comparison::new(&folder));
        let zip = self.looker.cache.file(self.module, File::Zip)?;
        let extracted = unreported(self.looker.monitor, self.threads, |control| {
            modzip::extract(&zip, self.module, comparison.as_ref(), control)
        });
        let Extracted { sums, .. } = match extracted {
            Ok(extracted) => extracted,
            Err(error) => {
                self.faults.push(Fault::Zip(without_path(&error)));
                self.at_folder_alone()?;
                return Ok(None);
            }
        };
        let name = format!("{}/go.mod", self.module);
        let go_mod = sums.iter().find(|(file, _)| *file == name);
        let go_mod = go_mod.map(|(_, sum)| *sum);
        let mut differences = comparison.map(Comparison::finish).transpose()?;
        if let Some(differences) = &mut differences {
            differences.retain(|name, difference| {
                *difference != Difference::Extra || !self.is_copied(&folder, name)
            });
        }
        let is_folder_right = differences.as_ref().map(|found| found.is_empty());
        self.at_sum(dirhash::hash1(sums)?, is_folder_right)?;
        if let Some(differences) = differences.filter(|found| !found.is_empty()) {
            self.faults.push(Fault::Folder(differences));
        }
        Ok(go_mod)
    }

    /// Looks at the sum of the zip. `is_folder_right` tells whether the folder has its files, where there is one.
    fn at_sum(&mut self, sum: String, is_folder_right: Option<bool>) -> Result<()> {
        let said = self.recorded.ask(self.module, Part::Zip, &sum)?;
        let backing = match said {
            Said::Wrong(mismatch) => {
                self.faults.push(Fault::ZipSum(mismatch));
                return Ok(());
            }
            Said::Right => Backing::Recorded,
            Said::Nothing => {
                self.need_record();
                match is_folder_right {
                    Some(true) => Backing::Folder,
                    _ => Backing::Nobody,
                }
            }
        };
        self.faults.extend(self.hash_fault(sum, backing)?);
        Ok(())
    }

    fn hash_fault(&self, sum: String, backing: Backing) -> Result<Option<Fault>> {
        Ok(match self.looker.cache.recorded_sum(self.module)? {
            None => Some(Fault::NoHash { sum, backing }),
            Some(recorded) if recorded == sum => None,
            Some(recorded) => Some(Fault::OtherHash {
                mismatch: against_hash(self.module, sum, recorded),
                backing,
            }),
        })
    }

    /// Looks at a folder whose zip is gone, as one may be: go needs it no more. Or whose zip says nothing.
    fn at_folder_alone(&mut self) -> Result<()> {
        let state = self.state;
        if !state.folder || state.partial {
            return Ok(());
        }
        if !state.zip_hash && !state.zip {
            if self.module.path.as_str() != UNPACKED_BY_GO {
                self.faults.push(Fault::Orphan);
            }
            return Ok(());
        }
        let folder = self.looker.cache.folder(self.module)?;
        let is_copied = |name: &str| self.is_copied(&folder, name);
        let sum = dirhash::hash_folder(&folder, &self.module.to_string(), is_copied)?;
        match self.recorded.ask(self.module, Part::Zip, &sum)? {
            Said::Wrong(mismatch) => self.faults.push(Fault::FolderSum(mismatch)),
            Said::Right => self.faults.extend(self.hash_fault(sum, Backing::Recorded)?),
            Said::Nothing => {
                self.need_record();
                let fault = match self.hash_fault(sum, Backing::Nobody)? {
                    Some(Fault::OtherHash { mismatch, .. }) => Some(Fault::FolderSum(mismatch)),
                    other => other,
                };
                self.faults.extend(fault);
            }
        }
        Ok(())
    }

    /// Tells whether go has put a file into the folder that is in no zip.
    fn is_copied(&self, folder: &Path, name: &str) -> bool {
        self.module.path.is_toolchain() && toolchain::is_copied_go_mod(folder, name)
    }

    fn need_record(&mut self) {
        if self.looker.records.are_required() {
            self.faults.push(Fault::Uncovered);
        }
    }

    /// Looks at the `.mod`; `in_zip` is the sum of the go.mod in the zip.
    fn at_go_mod(&mut self, go_mod: &[u8], in_zip: Option<[u8; 32]>) -> Result<()> {
        let sum = dirhash::go_mod_sum(go_mod);
        let said = self.recorded.ask(self.module, Part::GoMod, &sum)?;
        if let Said::Wrong(mismatch) = said {
            self.faults.push(Fault::GoModSum(mismatch));
        } else if let Err(error) = gomod::parse_lax("go.mod", go_mod) {
            // Go refuses it wherever it comes up in a module graph.
            let reason = format!("cannot be parsed: {error}");
            self.faults.push(Fault::GoMod(reason));
        } else if let Some(in_zip) = in_zip
            && said == Said::Nothing
            && !self.module.version.as_str().ends_with("+incompatible")
            && dirhash::hash1([("go.mod", in_zip)])? != sum
        {
            let reason = "is not the go.mod in the zip".to_owned();
            self.faults.push(Fault::GoMod(reason));
        }
        Ok(())
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
        Ok(info) if info.version != module.version => format!("is that of {}", info.version),
        Ok(_) => return None,
        Err(error) => format!("cannot be parsed: {error:#}"),
    };
    Some(Fault::Info(reason))
}

/// The error without the path of the zip, which the finding is about.
fn without_path(error: &anyhow::Error) -> String {
    let causes: Vec<String> = error.chain().skip(1).map(ToString::to_string).collect();
    match causes.is_empty() {
        true => error.to_string(),
        false => causes.join(": "),
    }
}
