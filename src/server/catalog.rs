//! Answers from what is stored. The calls read files: they may take their time.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::{Context, Result};
use hyper::StatusCode;
use serde::Serialize;
use url::form_urlencoded;

use super::access::Reader;
use super::additions::Additions;
use super::answer::{Answer, Keeping, Media};
use super::page::page;
use super::policy::{Objection, Policy};
use super::route::{Asked, Part};
use super::shelf::{Addition, Shelf};
use super::stored_module::{StorageFault, StoredModule};
use super::upstream::{Said, Upstream};
use super::watched::Watched;
use crate::checksum::sumdb::OfferedFile;
use crate::module::pseudo::PseudoVersion;
use crate::module::{Info, ModulePath, ModuleVersion, Time, Version, escape_html};
use crate::query::{QueryContext, Resolver};

/// The most versions in one answer of the index, as at index.golang.org.
const MOST_LISTED: usize = 2000;

/// The largest file of a version that is read at once and held in memory, in bytes.
const MOST_HELD: u64 = 256 << 10;

/// What is stored, and who may not be asked about it.
pub(super) struct Catalog {
    pub(super) shelf: Arc<dyn Shelf>,
    pub(super) additions: Additions,
    /// As GONOSUMDB.
    pub(super) private: String,
    /// What may be served.
    pub(super) policy: Arc<Watched<Policy>>,
}

impl Catalog {
    /// Refuses what the policy denies whatever is stored.
    pub(super) fn refusal(&self, asked: &Asked) -> Option<Answer> {
        let policy = self.policy.get();
        let text = match asked {
            Asked::File(module, _) => match policy.objection(module, || None)? {
                Objection::Denied(text) => text,
                Objection::Young(_) | Objection::Unknown => return None,
            },
            Asked::Database(..) => return None,
            _ => policy.denies(asked.module_path()?)?,
        };
        Some(Answer::refused(StatusCode::FORBIDDEN, &text))
    }

    /// Tells whether the age of versions counts.
    pub(super) fn wants_ages(&self) -> bool {
        self.policy.get().wants_ages()
    }

    /// Tells why a version is not served, if it is not.
    pub(super) fn objection(&self, module: &ModuleVersion) -> Option<Objection> {
        self.policy.get().objection(module, || self.time(module))
    }

    /// Gives the time of a version's commit, as far as it is known.
    fn time(&self, module: &ModuleVersion) -> Option<Time> {
        if let Ok(pseudo) = PseudoVersion::parse(module.version.as_str()) {
            return Some(Time::from_unix(pseudo.time().ok()?));
        }
        let stored = self.shelf.open(module, Part::Info).ok()??;
        let info = Info::parse(&stored.read().ok()?).ok()?;
        (info.time != Time::default()).then_some(info.time)
    }

    /// Looks what may be served of a module.
    fn module<'s>(&'s self, path: &'s ModulePath) -> Result<StoredModule<'s>> {
        let mut module = StoredModule::new(&*self.shelf, path)?;
        module.retain(|module| self.objection(module).is_none());
        Ok(module)
    }

    /// Answers what depends on nothing but what is asked for.
    pub(super) fn answer(&self, asked: &Asked) -> Answer {
        let answer = match asked {
            Asked::List(path) => self.list(path),
            Asked::Latest(path) => self.resolved(path, "latest"),
            Asked::Query(path, query) => self.resolved(path, query),
            Asked::File(module, part) => self.file(module, *part, Keeping::Forever),
            Asked::Database(name, file) => self.database(name, file),
            Asked::Ready => Ok(self.ready()),
            Asked::Page | Asked::Health | Asked::Metrics | Asked::Index => {
                Ok(Answer::not_found("there is nothing of this name"))
            }
        };
        or_fault(answer)
    }

    /// Answers a list or query from what is stored and what the sources say.
    pub(super) fn merged(&self, asked: &Asked, said: &Said) -> Answer {
        let refusal = match (asked, said) {
            (_, Said::Refused(refusal)) => refusal,
            (Asked::List(path), Said::Versions(versions)) => {
                return or_fault(self.list_with(path, versions));
            }
            (Asked::Latest(path), Said::Version(version)) => {
                return or_fault(self.newer(path, version));
            }
            (Asked::Query(path, _), Said::Version(version)) => {
                return or_fault(self.info(path, version.clone()));
            }
            _ => return self.answer(asked),
        };
        let stored = self.answer(asked);
        match stored.status.is_success() {
            true => stored,
            false => refusal.answer(),
        }
    }

    fn list_with(&self, path: &ModulePath, versions: &[Version]) -> Result<Answer> {
        let module = self.module(path)?;
        let is_listed = |version: &&Version| {
            let objection = self.objection(&ModuleVersion {
                path: path.clone(),
                version: Version::clone(version),
            });
            !version.is_pseudo() && matches!(objection, None | Some(Objection::Unknown))
        };
        let versions = versions.iter().filter(is_listed);
        let all: BTreeSet<&Version> = module.tagged().chain(versions).collect();
        Ok(list(all))
    }

    /// Gives the newest version. A stored one that a tag gave may be newer than what the sources have; a stored
    /// commit may be of any branch.
    fn newer(&self, path: &ModulePath, said: &Version) -> Result<Answer> {
        let module = self.module(path)?;
        let stored = Resolver::new(&module).find("latest", &QueryContext::default());
        let tagged = stored.ok().filter(|info| !info.version.is_pseudo());
        let newest = tagged.map_or_else(|| said.clone(), |info| info.version);
        self.info(path, newest)
    }

    fn info(&self, path: &ModulePath, version: Version) -> Result<Answer> {
        let path = path.clone();
        let module = ModuleVersion { path, version };
        self.file(&module, Part::Info, Keeping::Briefly)
    }

    fn ready(&self) -> Answer {
        match self.shelf.check() {
            Ok(()) => Answer::found(b"ready\n".to_vec(), Media::Text, Keeping::Never),
            Err(error) => Answer {
                fault: Some(format!("{error:#}")),
                ..Answer::refused(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "the storage cannot be read",
                )
            },
        }
    }

    fn list(&self, path: &ModulePath) -> Result<Answer> {
        let module = self.module(path)?;
        if module.is_empty() {
            return Ok(Answer::not_found(&format!("module {path} is not stored")));
        }
        Ok(list(module.tagged()))
    }

    /// Gives the `.info` of the version that a query means.
    fn resolved(&self, path: &ModulePath, query: &str) -> Result<Answer> {
        let module = self.module(path)?;
        let resolver = Resolver::new(&module);
        let version = match resolver.find(query, &QueryContext::default()) {
            Ok(info) => info.version,
            Err(error) if error.is::<StorageFault>() => return Err(error),
            Err(error) => return Ok(Answer::not_found(&format!("{path}@{query}: {error:#}"))),
        };
        self.info(path, version)
    }

    fn file(&self, module: &ModuleVersion, part: Part, keeping: Keeping) -> Result<Answer> {
        let absent = || Answer::not_found(&format!("{module} is not stored"));
        let Some(stored) = self.shelf.open(module, part)? else {
            return Ok(absent());
        };
        if let Some(objection) = self.objection(module) {
            let text = match objection {
                Objection::Denied(text) | Objection::Young(text) => text,
                Objection::Unknown => format!("the age of {module} is not known"),
            };
            return Ok(Answer::refused(StatusCode::FORBIDDEN, &text));
        }
        let media = match part {
            Part::Info => Media::Json,
            Part::Mod => Media::Text,
            Part::Zip => Media::Zip,
        };
        if stored.size > MOST_HELD {
            return Ok(Answer::stored(stored, media));
        }
        let content = stored.read();
        let content = content.with_context(|| format!("cannot read {module}"))?;
        let is_damaged = || !Info::parse(&content).is_ok_and(|info| info.version == module.version);
        if part == Part::Info && is_damaged() {
            return Ok(absent());
        }
        Ok(Answer {
            modified: Some(stored.modified.into()),
            ..Answer::found(content, media, keeping)
        })
    }

    fn database(&self, name: &str, file: &OfferedFile) -> Result<Answer> {
        let content = self.shelf.database_file(name, file)?;
        self.offered(name, file, content)
    }

    /// Offers a file of a database. Whoever hears that the database is given on asks nobody else, so one version
    /// without a record makes it a no.
    fn offered(&self, name: &str, file: &OfferedFile, content: Option<Vec<u8>>) -> Result<Answer> {
        let has_records = || {
            let additions = self.additions.get(&*self.shelf)?;
            Ok::<_, anyhow::Error>(self.shelf.has_records(name, &additions, &self.private))
        };
        match content {
            Some(content) if !file.is_supported() || has_records()? => {
                Ok(database_answer(content, file))
            }
            _ => {
                let text = format!("this is not stored of database {name}");
                Ok(Answer::not_found(&text))
            }
        }
    }

    /// Answers from a checksum database what is not stored of it. Nobody has verified it yet: it is not stored.
    pub(super) fn passed_on(
        &self,
        name: &str,
        file: &OfferedFile,
        upstream: &dyn Upstream,
    ) -> Answer {
        let stored = or_fault(self.database(name, file));
        if stored.status != StatusCode::NOT_FOUND {
            return stored;
        }
        match upstream.database_file(name, file) {
            Ok(content) => or_fault(self.offered(name, file, content)),
            Err(refusal) => refusal.answer(),
        }
    }

    /// Leaves out what is denied, and what the reader may not know of.
    fn readable<'a>(
        &'a self,
        additions: &'a [Addition],
        reader: Option<&'a Reader>,
    ) -> impl Iterator<Item = &'a Addition> {
        let policy = self.policy.get();
        additions.iter().filter(move |Addition { module, .. }| {
            let objection = policy.objection(module, || None);
            let is_denied = matches!(objection, Some(Objection::Denied(_)));
            !is_denied && reader.is_none_or(|reader| reader.may_read(module.path.as_str()))
        })
    }

    /// Gives the page for people; `url` is where the client has found the server.
    pub(super) fn page(&self, url: &str, query: &str, reader: Option<&Reader>) -> Answer {
        or_fault(self.additions.get(&*self.shelf).map(|additions| {
            let search = parameter(query, "q").unwrap_or_default();
            let page = page(self.readable(&additions, reader), url, &search);
            Answer::found(page.into_bytes(), Media::Html, Keeping::Never)
        }))
    }

    /// Lists versions in the order in which they were added, as index.golang.org does.
    pub(super) fn index(&self, query: &str, reader: Option<&Reader>) -> Answer {
        let bad = |text: &str| Answer::refused(StatusCode::BAD_REQUEST, text);
        let since = match parameter(query, "since")
            .as_deref()
            .map(Time::parse_rfc3339)
        {
            Some(None) => return bad("`since` is no time in RFC 3339"),
            since => since.flatten(),
        };
        let limit = match parameter(query, "limit").map(|limit| limit.parse::<usize>()) {
            Some(Ok(limit)) if limit > 0 => limit.min(MOST_LISTED),
            None => MOST_LISTED,
            _ => return bad("`limit` is no number of versions"),
        };
        or_fault(self.additions.get(&*self.shelf).map(|additions| {
            let is_wanted = |addition: &&Addition| {
                since.is_none_or(|since| since <= Time::from(addition.added))
            };
            let wanted = self
                .readable(&additions, reader)
                .filter(is_wanted)
                .take(limit);
            let lines: String = wanted.map(index_line).collect();
            Answer::found(lines.into_bytes(), Media::Text, Keeping::Never)
        }))
    }
}

fn database_answer(content: Vec<u8>, file: &OfferedFile) -> Answer {
    let media = match file.is_binary() {
        true => Media::Binary,
        false => Media::Text,
    };
    let keeping = match file.is_final() {
        true => Keeping::Forever,
        false => Keeping::Briefly,
    };
    Answer::found(content, media, keeping)
}

fn list<'v>(versions: impl IntoIterator<Item = &'v Version>) -> Answer {
    let versions = versions.into_iter();
    let lines = versions.flat_map(|version| [version.as_str(), "\n"]);
    let list: String = lines.collect();
    Answer::found(list.into_bytes(), Media::Text, Keeping::Briefly)
}

fn index_line(Addition { module, added }: &Addition) -> String {
    #[derive(Serialize)]
    #[serde(rename_all = "PascalCase")]
    struct Line<'a> {
        path: &'a str,
        version: &'a str,
        timestamp: String,
    }
    let line = Line {
        path: module.path.as_str(),
        version: module.version.as_str(),
        timestamp: Time::from(*added).to_string(),
    };
    // Three texts can always be written.
    let line = serde_json::to_string(&line).unwrap_or_default();
    format!("{}\n", escape_html(&line))
}

fn parameter(query: &str, name: &str) -> Option<String> {
    let mut parameters = form_urlencoded::parse(query.as_bytes());
    let found = parameters.find(|(key, _)| key == name);
    found.map(|(_, value)| value.into_owned())
}

fn or_fault(answer: Result<Answer>) -> Answer {
    answer.unwrap_or_else(|error| Answer::fault(format!("{error:#}")))
}
