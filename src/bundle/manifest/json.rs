//! The manifest as JSON, with the names of `go mod download -json` where it has them.

use std::collections::BTreeMap;
use std::fmt;

use anyhow::{Context, Result, bail, ensure};
use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::{Digest, FORMAT, Manifest, PackedFile, PackedModule};
use crate::cache::File;
use crate::module::{ModulePath, ModuleVersion, Origin, Version};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Document {
    format: u32,
    #[serde(default, deserialize_with = "few")]
    projects: Vec<String>,
    #[serde(default)]
    databases: Vec<FileJson>,
    #[serde(default)]
    modules: Vec<ModuleJson>,
    #[serde(default)]
    lists: Vec<FileJson>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ModuleJson {
    path: String,
    version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<Origin>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sum: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    go_mod_sum: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verified_by: Option<String>,
    files: Vec<FileJson>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FileJson {
    name: String,
    size: u64,
    #[serde(rename = "SHA256")]
    sha256: String,
}

/// The most projects. A byte or two of a manifest suffice for one, which takes far more in memory.
const MAX_PROJECTS: usize = 10_000;

fn few<'de, D: Deserializer<'de>>(projects: D) -> Result<Vec<String>, D::Error> {
    struct Few;
    impl<'de> Visitor<'de> for Few {
        type Value = Vec<String>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(formatter, "at most {MAX_PROJECTS} projects")
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<String>, A::Error> {
            let mut projects = Vec::new();
            while let Some(project) = items.next_element()? {
                if projects.len() == MAX_PROJECTS {
                    return Err(A::Error::invalid_length(MAX_PROJECTS + 1, &self));
                }
                projects.push(project);
            }
            Ok(projects)
        }
    }
    projects.deserialize_seq(Few)
}

pub(super) fn read(text: &[u8]) -> Result<Manifest> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Format {
        format: u32,
    }
    let Format { format } = serde_json::from_slice(text).context("this is no manifest")?;
    ensure!(
        format == FORMAT,
        "the manifest has format {format}, and this gomodcache knows {FORMAT} only: a newer one made it"
    );
    let document: Document = serde_json::from_slice(text).context("the manifest is malformed")?;
    let files = |files: Vec<FileJson>| files.into_iter().map(file).collect::<Result<Vec<_>>>();
    Ok(Manifest {
        projects: document.projects,
        databases: files(document.databases)?,
        modules: document
            .modules
            .into_iter()
            .map(module)
            .collect::<Result<_>>()?,
        lists: files(document.lists)?,
    })
}

fn file(json: FileJson) -> Result<PackedFile> {
    let digest = Digest::parse(json.size, &json.sha256)
        .with_context(|| format!("{:?}: malformed SHA-256 sum", json.name))?;
    Ok(PackedFile {
        name: json.name,
        digest,
    })
}

fn module(json: ModuleJson) -> Result<PackedModule> {
    let named = || {
        format!(
            "the manifest has {:?} in version {:?}",
            json.path, json.version
        )
    };
    let module = ModuleVersion {
        path: ModulePath::new(&json.path).with_context(named)?,
        version: Version::new(&json.version).with_context(named)?,
    };
    let mut packed = PackedModule {
        module,
        time: json.time,
        origin: json.origin,
        sum: json.sum,
        go_mod_sum: json.go_mod_sum,
        verified_by: json.verified_by,
        files: BTreeMap::new(),
    };
    let mut named = Vec::new();
    for json in json.files {
        let PackedFile { name, digest } = file(json)?;
        let (_, suffix) = name.rsplit_once('.').unwrap_or_default();
        let Some(file) = File::with_suffix(suffix) else {
            bail!("{}: no file of a version: {name:?}", packed.module);
        };
        packed.files.insert(file, digest);
        named.push(name);
    }
    let derived = packed.packed_files()?;
    ensure!(
        derived.iter().map(|(_, file)| &file.name).eq(&named),
        "{}: its files are not named as the module cache names them, in order: {named:?}",
        packed.module
    );
    Ok(packed)
}

pub(super) fn write(manifest: &Manifest) -> Result<Vec<u8>> {
    let files = |files: &[PackedFile]| files.iter().map(file_json).collect::<Vec<_>>();
    let document = Document {
        format: FORMAT,
        projects: manifest.projects.clone(),
        databases: files(&manifest.databases),
        modules: manifest
            .modules
            .iter()
            .map(module_json)
            .collect::<Result<_>>()?,
        lists: files(&manifest.lists),
    };
    let mut text = serde_json::to_vec_pretty(&document)?;
    text.push(b'\n');
    Ok(text)
}

fn module_json(packed: &PackedModule) -> Result<ModuleJson> {
    let files = packed.packed_files()?;
    Ok(ModuleJson {
        path: packed.module.path.to_string(),
        version: packed.module.version.to_string(),
        time: packed.time.clone(),
        origin: packed.origin.clone(),
        sum: packed.sum.clone(),
        go_mod_sum: packed.go_mod_sum.clone(),
        verified_by: packed.verified_by.clone(),
        files: files.iter().map(|(_, file)| file_json(file)).collect(),
    })
}

fn file_json(file: &PackedFile) -> FileJson {
    FileJson {
        name: file.name.clone(),
        size: file.digest.size,
        sha256: file.digest.hexadecimal(),
    }
}
