//! A version as it comes out of a bundle.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::fs;
use std::io;
use std::path::Path;
use std::sync::MutexGuard;

use anyhow::{Context, Result, bail, ensure};

use super::{Run, differs};
use crate::bundle::{Digest, DigestReader, PackedFile, PackedModule, Reader};
use crate::cache::{Content, File, Zip};
use crate::checksum::{Part, dirhash};
use crate::disk::{self, tree::TreeWriter};
use crate::module::ModuleVersion;
use crate::modzip::{self, Control, Extracted};
use crate::ops::monitor::unreported;

/// Nothing more can be read. Why is told once, of the bundle as a whole.
#[derive(Debug, thiserror::Error)]
#[error("the bundle cannot be read any further")]
pub(super) struct Closed;

/// A bundle that several threads read in turns.
pub(super) struct Stream<'r> {
    reader: Option<Reader<'r>>,
    next: usize,
    /// Why nothing more can be read.
    failure: Option<anyhow::Error>,
}

impl<'r> Stream<'r> {
    pub(super) fn new(reader: Reader<'r>) -> Stream<'r> {
        Stream {
            reader: Some(reader),
            next: 0,
            failure: None,
        }
    }

    /// Gives the number of the version that comes next.
    pub(super) fn next_version(&mut self, count: usize) -> Option<usize> {
        let index = self.next;
        if self.failure.is_some() || index >= count {
            return None;
        }
        self.next += 1;
        Some(index)
    }

    /// Ends the reading.
    pub(super) fn fail(&mut self, error: anyhow::Error) {
        self.reader = None;
        self.failure.get_or_insert(error);
    }

    /// Reads what comes behind the versions, which nobody needs.
    pub(super) fn finish(self) -> Result<()> {
        if let Some(error) = self.failure {
            return Err(error);
        }
        let mut reader = self.reader.context("the bundle is closed")?;
        for list in reader.manifest().lists.clone() {
            reader.copy(&list, &mut io::sink())?;
        }
        reader.finish()
    }

    fn copy(&mut self, file: &PackedFile, to: &mut impl io::Write) -> Result<()> {
        let reader = self.reader.as_mut().context("the bundle is closed")?;
        reader.copy(file, to)
    }
}

/// The files of a version that have not been read yet. Until they have, nobody else reads.
pub(super) struct Arriving<'a, 'r> {
    stream: MutexGuard<'a, Stream<'r>>,
    packed: &'a PackedModule,
    files: VecDeque<(File, PackedFile)>,
}

impl<'a, 'r> Arriving<'a, 'r> {
    pub(super) fn begin(
        stream: MutexGuard<'a, Stream<'r>>,
        packed: &'a PackedModule,
    ) -> Result<Arriving<'a, 'r>> {
        Ok(Arriving {
            stream,
            packed,
            files: packed.packed_files()?.into(),
        })
    }

    /// Reads a small file, if it comes next.
    pub(super) fn small(&mut self, file: File) -> Result<Option<Vec<u8>>> {
        let mut content = Vec::new();
        match self.copy(file, &mut content)? {
            true => Ok(Some(content)),
            false => Ok(None),
        }
    }

    /// Copies a file, if it comes next.
    fn copy(&mut self, file: File, to: &mut impl io::Write) -> Result<bool> {
        if self.files.front().is_none_or(|(next, _)| *next != file) {
            return Ok(false);
        }
        let Some((_, next)) = self.files.pop_front() else {
            return Ok(false);
        };
        let copied = self.stream.copy(&next, to);
        match copied {
            Ok(()) => Ok(true),
            Err(error) => {
                self.stream.fail(error);
                Err(Closed.into())
            }
        }
    }

    /// Passes over what is left of a version that is refused.
    pub(super) fn refuse<T>(mut self, error: anyhow::Error) -> Result<T> {
        self.skip()?;
        Err(error)
    }

    fn skip(&mut self) -> Result<()> {
        while let Some(file) = self.files.front().map(|(file, _)| *file) {
            self.copy(file, &mut io::sink())?;
        }
        Ok(())
    }

    /// What the cache makes of the rest.
    pub(super) fn content(
        self,
        run: &'a Run<'a, 'r>,
        go_mod: &'a [u8],
        sum: &'a str,
    ) -> ArrivingZip<'a, 'r> {
        ArrivingZip {
            run,
            module: &self.packed.module,
            packed: self.packed,
            go_mod,
            sum,
            rest: RefCell::new(Some(self)),
        }
    }
}

/// The zip of a version. It is copied when the cache asks for it; then others may read on, while it is taken apart.
pub(super) struct ArrivingZip<'a, 'r> {
    run: &'a Run<'a, 'r>,
    module: &'a ModuleVersion,
    packed: &'a PackedModule,
    go_mod: &'a [u8],
    sum: &'a str,
    rest: RefCell<Option<Arriving<'a, 'r>>>,
}

impl ArrivingZip<'_, '_> {
    /// Passes over the zip, if the cache had no use for it.
    pub(super) fn skip(&self) -> Result<()> {
        match self.rest.take() {
            Some(mut rest) => rest.skip(),
            None => Ok(()),
        }
    }

    /// Takes the zip apart, and gives its sum.
    fn take_apart(
        &self,
        extract: impl FnOnce(&Control<'_>) -> Result<Extracted>,
    ) -> Result<String> {
        let monitor = self.run.options.monitor;
        let sums = unreported(monitor, self.run.threads_each(), extract)?.sums;
        let name = format!("{}/go.mod", self.module);
        let go_mod = sums.iter().find(|(file, _)| *file == name);
        let is_same = go_mod.is_none_or(|(_, sum)| *sum == Digest::of(self.go_mod).sha256);
        ensure!(
            is_same,
            "{}: its .mod is not the go.mod in its zip",
            self.module
        );
        dirhash::hash1(sums)
    }
}

impl Content for ArrivingZip<'_, '_> {
    fn make(&self, zip: &mut fs::File, tree: Option<&TreeWriter>) -> Result<String> {
        let mut rest = self.rest.take().context("the zip has been read")?;
        ensure!(
            rest.copy(File::Zip, zip)?,
            "{}: its zip is missing",
            self.module
        );
        drop(rest);
        let zip = zip.try_clone().context("cannot read the temporary file")?;
        self.take_apart(|control| modzip::extract_file(zip, self.module, tree, control))
            .with_context(|| format!("{}: the zip in the bundle is refused", self.module))
    }

    fn extract(&self, zip: &Path, tree: &TreeWriter) -> Result<()> {
        self.take_apart(|control| modzip::extract(zip, self.module, Some(tree), control))
            .map(drop)
            .with_context(|| format!("{}: cannot extract the zip in the cache", self.module))
    }

    fn admit(&self, zip: Zip, sum: &str) -> Result<()> {
        if sum != self.sum {
            let recorder = match zip {
                Zip::Made => "manifest",
                Zip::Found => "bundle",
            };
            bail!(differs(
                self.packed,
                Part::Zip,
                sum.to_owned(),
                self.sum,
                recorder
            ));
        }
        self.run.admit(self.module, Part::Zip, sum)
    }

    fn passes_unread(&self, zip: &Path) -> Result<bool> {
        let packed = self.packed.files.get(&File::Zip);
        let mut content = DigestReader::new(disk::open(zip)?);
        io::copy(&mut content, &mut io::sink())
            .with_context(|| format!("cannot read {}", zip.display()))?;
        Ok(packed == Some(&content.finish()))
    }
}
