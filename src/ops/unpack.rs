//! Module versions out of a bundle, into the cache.

mod arrival;
mod records;

use std::io::BufWriter;
use std::num::NonZeroUsize;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use anyhow::{Context, Result, bail, ensure};

use self::arrival::{Arriving, Closed, Stream};
use self::records::Records;
use super::gate::{Gate, VerifiedBy};
use super::{Extent, Monitor, Packing, Phase, SumDatabase, SumDatabasePolicy};
use crate::bundle::{PackedModule, Reader, Trust};
use crate::cache::{self, Cache, Extraction, File, Parts, Published};
use crate::checksum::sumdb::{Client, Database, Files};
use crate::checksum::{Mismatch, Part, SumFiles, dirhash};
use crate::goenv::FolderMode;
use crate::module::{Info, ModuleVersion};
use crate::web::Interrupted;

/// How what a bundle brings is verified, and where it goes.
pub struct UnpackOptions<'a> {
    /// The sums that must match.
    pub sums: SumFiles,
    /// The checksum database whose records, if the bundle has them, must match as well.
    pub database: Option<OfflineDatabase>,
    /// The cache.
    pub cache: &'a Cache,
    /// Whether the folders of extracted trees stay writable.
    pub folder_mode: FolderMode,
    /// Whether trees are extracted.
    pub extraction: Extraction,
    /// Threads at work.
    pub threads: NonZeroUsize,
    /// Who hears of progress and may end the work.
    pub monitor: &'a dyn Monitor,
}

/// A checksum database that is known by what a bundle has of it.
pub struct OfflineDatabase {
    /// Which one.
    pub database: Database,
    /// Where its records are kept.
    pub files: Files,
    /// What becomes of versions without a record.
    pub policy: SumDatabasePolicy,
    /// Modules that no record can be expected of, a list as GONOSUMDB is.
    pub private: String,
}

impl OfflineDatabase {
    /// Its name, as a host has.
    pub fn name(&self) -> &str {
        self.database.key.name()
    }
}

/// What has become of a version.
#[derive(Debug)]
pub struct Unpacked {
    /// The module and its version.
    pub module: ModuleVersion,
    /// How much of it the bundle has.
    pub extent: Extent,
    /// The sum of that.
    pub sum: Option<String>,
    /// Who has vouched for it.
    pub verified_by: VerifiedBy,
    /// Whether it was there before, or why it was refused.
    pub result: Result<Published>,
}

/// What has become of a bundle.
pub struct UnpackOutcome {
    /// The versions, in the order of the bundle.
    pub versions: Vec<Unpacked>,
    /// The checksum database, if one was asked.
    pub database: Option<SumDatabase>,
    /// Why the rest of the bundle was not read.
    pub end: Result<()>,
}

/// Unpacks a bundle. Each version becomes visible by itself, once all of it has been read and found to be what the
/// manifest, its own sums, and all sums that are recorded here say; what is there already is compared and
/// stays, unless it is a damaged zip. A version that is refused does not keep the others out.
pub fn unpack(options: &UnpackOptions<'_>, mut reader: Reader<'_>) -> UnpackOutcome {
    let modules = reader.manifest().modules.clone();
    let records = match Records::read(&mut reader) {
        Ok(records) => records,
        Err(error) => {
            return UnpackOutcome {
                versions: Vec::new(),
                database: None,
                end: Err(error),
            };
        }
    };
    let database = options.database.as_ref().map(|offline| {
        let records = records.of(offline.name());
        let client = Client::new(
            offline.database.key.clone(),
            Box::new(records),
            offline.files.clone(),
        );
        SumDatabase::new(client, offline.policy, offline.private.clone())
    });
    let run = Run {
        options,
        gate: Gate::new(&options.sums, database.as_ref()),
        modules: &modules,
        stream: Mutex::new(Stream::new(reader)),
        done: AtomicUsize::new(0),
    };
    let (versions, end) = run.all();
    UnpackOutcome {
        versions,
        database,
        end,
    }
}

/// Packs and unpacks in one go, with no bundle in between but what is under way.
///
/// # Errors
/// What packing brings; a pipe that cannot be made.
pub fn hand_over(packing: &Packing<'_>, options: &UnpackOptions<'_>) -> Result<UnpackOutcome> {
    let (read, write) = std::io::pipe().context("cannot make a pipe")?;
    std::thread::scope(|scope| {
        let writing = scope.spawn(move || packing.write(BufWriter::new(write)).map(drop));
        let outcome = Reader::open(read, &Trust::default()).map(|reader| unpack(options, reader));
        match writing.join() {
            Ok(Ok(())) => outcome,
            // A reader that has ended too early breaks the pipe: what it says counts.
            Ok(Err(error)) => outcome.and_then(|outcome| match outcome.end {
                Ok(()) => Err(error),
                Err(_) => Ok(outcome),
            }),
            Err(_) => bail!("packing has failed"),
        }
    })
}

struct Run<'a, 'r> {
    options: &'a UnpackOptions<'a>,
    gate: Gate<'a>,
    modules: &'a [PackedModule],
    stream: Mutex<Stream<'r>>,
    done: AtomicUsize,
}

impl<'r> Run<'_, 'r> {
    /// One thread reads at a time; those that have read verify and extract meanwhile.
    fn all(self) -> (Vec<Unpacked>, Result<()>) {
        let versions = Mutex::new(Vec::new());
        let worker = || {
            while let Some((index, unpacked)) = self.next() {
                let mut versions = versions.lock().unwrap_or_else(PoisonError::into_inner);
                versions.push((index, unpacked));
            }
        };
        std::thread::scope(|scope| {
            for _ in 1..self.workers() {
                scope.spawn(worker);
            }
            worker();
        });
        let mut versions = versions
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        versions.sort_by_key(|(index, _)| *index);
        let stream = self
            .stream
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let versions = versions.into_iter().map(|(_, unpacked)| unpacked);
        (versions.collect(), stream.finish())
    }

    /// Versions that are worked on at the same time.
    fn workers(&self) -> usize {
        self.options.threads.get().min(self.modules.len()).max(1)
    }

    /// Threads that take one zip apart: all together share what there is, and with it the memory.
    fn threads_each(&self) -> NonZeroUsize {
        let each = self.options.threads.get() / self.workers();
        NonZeroUsize::new(each).unwrap_or(NonZeroUsize::MIN)
    }

    /// Unpacks the version that comes next; nothing where none does, or the bundle cannot be read any more.
    fn next(&self) -> Option<(usize, Unpacked)> {
        let mut stream = self.stream();
        let index = stream.next_version(self.modules.len())?;
        let packed = self.modules.get(index)?;
        let extent = match packed.files.contains_key(&File::Zip) {
            true => Extent::Everything,
            false => Extent::Metadata,
        };
        if self.options.monitor.interrupted() {
            stream.fail(Interrupted.into());
            return None;
        }
        let result = self.one(stream, packed);
        if let Err(error) = &result
            && error.chain().any(|cause| cause.is::<Closed>())
        {
            // What is wrong with the bundle is told once, at the end.
            return None;
        }
        let done = 1 + self.done.fetch_add(1, Ordering::Relaxed);
        let known = self.modules.len();
        self.options.monitor.report(Phase::Run { done, known });
        let sum = match extent {
            Extent::Everything => packed.sum.clone(),
            Extent::Metadata => packed.go_mod_sum.clone(),
        };
        let unpacked = Unpacked {
            module: packed.module.clone(),
            extent,
            sum,
            verified_by: self.gate.verified(&packed.module, extent.part()),
            result,
        };
        Some((index, unpacked))
    }

    fn one(&self, stream: MutexGuard<'_, Stream<'r>>, packed: &PackedModule) -> Result<Published> {
        let module = &packed.module;
        let mut arriving = Arriving::begin(stream, packed)?;
        let info = arriving.small(File::Info)?;
        let go_mod = arriving.small(File::Mod)?;
        let hash = arriving.small(File::ZipHash)?;
        let checked = || -> Result<Option<Info>> {
            let info = info.as_deref().map(|info| self.info(module, info));
            if let Some(go_mod) = &go_mod {
                self.check_go_mod(packed, go_mod)?;
            }
            ensure!(
                hash.as_deref() == packed.sum.as_ref().map(String::as_bytes),
                "{module}: its .ziphash is not the sum in the manifest"
            );
            info.transpose()
        };
        let info = match checked() {
            Ok(info) => info,
            Err(error) => return arriving.refuse(error),
        };
        let (Some(go_mod), Some(sum)) = (&go_mod, &packed.sum) else {
            let before = self.options.cache.state(module)?;
            let cache = self.options.cache;
            cache.write_metadata(module, info.as_ref(), go_mod.as_deref())?;
            return Ok(match before == cache.state(module)? {
                true => Published::Present,
                false => Published::Made,
            });
        };
        let content = arriving.content(self, go_mod, sum);
        let published = self.options.cache.publish(
            module,
            Parts {
                info: info.as_ref(),
                go_mod,
            },
            cache::Making {
                folder_mode: self.options.folder_mode,
                extraction: self.options.extraction,
                content: &content,
            },
        );
        content.skip()?;
        published
    }

    fn info(&self, module: &ModuleVersion, content: &[u8]) -> Result<Info> {
        let info = Info::parse(content)
            .map_err(|error| error.context(format!("{module}: its .info is malformed")))?;
        if info.version != module.version {
            bail!("{module}: its .info is that of {}", info.version);
        }
        Ok(info)
    }

    fn check_go_mod(&self, packed: &PackedModule, go_mod: &[u8]) -> Result<()> {
        let sum = dirhash::go_mod_sum(go_mod);
        if let Some(recorded) = packed.go_mod_sum.as_ref().filter(|it| **it != sum) {
            bail!(differs(packed, Part::GoMod, sum, recorded, "manifest"));
        }
        self.admit(&packed.module, Part::GoMod, &sum)
    }

    fn admit(&self, module: &ModuleVersion, part: Part, sum: &str) -> Result<()> {
        let reason =
            "the bundle has other content than was recorded here: the version is not taken";
        self.gate
            .check_twice(module, part, sum)
            .map_err(|error| Mismatch::explain(error, reason))
    }

    fn stream(&self) -> MutexGuard<'_, Stream<'r>> {
        self.stream.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Tells of content that is not what the bundle says of it.
fn differs(
    packed: &PackedModule,
    part: Part,
    found: String,
    recorded: &str,
    recorder: &str,
) -> Mismatch {
    let reason = match recorder {
        "bundle" => "the cache has other content than the bundle, and keeps it",
        _ => "the bundle contradicts itself: it was damaged or forged before it was packed",
    };
    Mismatch {
        module: packed.module.clone(),
        part,
        found,
        recorder: recorder.to_owned(),
        recorded: recorded.to_owned(),
        reasons: vec![reason.to_owned()],
    }
}
