//! Options that more than one command will have: the cache, the mirrors, the sums.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use clap::Args;

use super::sources::GivenSources;

use crate::bundle::Digest;
use crate::cache::{Cache, Extraction};
use crate::checksum::SumFiles;
use crate::disk;
use crate::goenv::GoEnv;
use crate::graph::Project;
use crate::mirror::{Store, TransportSettings};
use crate::ops::{MainModule, Monitor, Repositories};
use crate::source::{BuiltIn, GoProxies, Mirrors, RULES_FILE, Secrets};
use crate::web::{Client, LowSpeed, Settings, UserCredentials};

/// Finds the folder in which the user is.
pub(super) fn current_folder() -> Result<PathBuf> {
    std::env::current_dir().context("cannot find the current folder")
}

/// Where modules come from.
#[derive(Clone, Debug, Args)]
pub(super) struct MirrorOptions {
    #[command(flatten)]
    given: GivenSources,

    /// Take the rules of this file [default: gomodcache.toml in this folder or above, then the user's own]
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,

    /// Ask only repositories that --mirror or a file of rules names, not even forges
    #[arg(long)]
    no_builtin_mirrors: bool,
}

impl MirrorOptions {
    /// Tells whether the user has named a mirror or a proxy.
    pub(super) fn are_given(&self) -> bool {
        !self.given.0.is_empty()
    }

    /// Gives the mirrors in force for a project in `folder`.
    ///
    /// The user's own file is the only one that may hold passwords: `--config` can name one that comes with a
    /// project.
    pub(super) fn mirrors(&self, env: &GoEnv, folder: &Path) -> Result<Mirrors> {
        let built_in = if self.no_builtin_mirrors {
            BuiltIn::Ignored
        } else {
            BuiltIn::Used
        };
        let mut mirrors = Mirrors::new(self.given.0.clone(), built_in, go_proxies(env)?);
        for (file, secrets) in self.rules(env, folder) {
            let name = match secrets {
                Secrets::Refused if self.config.is_none() => file.strip_prefix(folder),
                _ => Ok(&*file),
            };
            let name = name.unwrap_or(&file).display().to_string();
            mirrors.add_file(&file, &name, secrets)?;
            if secrets == Secrets::Allowed {
                mirrors.read_tokens(&|name| env.process(name).map(str::to_owned));
            }
        }
        Ok(mirrors)
    }

    /// Lists the files of rules in force for a project in `folder`, in their order, and whether each may hold
    /// passwords.
    pub(super) fn rules(&self, env: &GoEnv, folder: &Path) -> Vec<(PathBuf, Secrets)> {
        if let Some(file) = &self.config {
            return vec![(file.clone(), Secrets::Refused)];
        }
        let user = env
            .user_config()
            .map(|folder| folder.join("gomodcache").join(RULES_FILE));
        let project = Mirrors::project_file(folder).filter(|file| Some(file) != user.as_ref());
        let user = user.filter(|file| disk::is_file(file));
        let project = project.map(|file| (file, Secrets::Refused));
        let user = user.map(|file| (file, Secrets::Allowed));
        project.into_iter().chain(user).collect()
    }

    /// Gives the mirrors in force for projects that are worked on together.
    ///
    /// # Errors
    /// Rules that cannot be read; projects with rules in different files, unless the user names one.
    pub(super) fn of_projects(&self, env: &GoEnv, projects: &[Project]) -> Result<Mirrors> {
        let mut folders = projects.iter().map(Project::folder);
        let Some(first) = folders.next() else {
            bail!("there is no project");
        };
        let rules = Mirrors::project_file(first);
        if self.config.is_none()
            && let Some(other) = folders.find(|folder| Mirrors::project_file(folder) != rules)
        {
            bail!(
                "{} and {} have not the same {RULES_FILE}: name one with --config, or seed them one after the other",
                first.display(),
                other.display()
            );
        }
        self.mirrors(env, first)
    }
}

/// The cache that is filled.
#[derive(Debug, Args)]
pub(super) struct CacheOptions {
    /// The module cache [default: GOMODCACHE, then the first element of GOPATH with pkg/mod, as go has it]
    #[arg(long, value_name = "FOLDER")]
    modcache: Option<PathBuf>,
}

impl CacheOptions {
    pub(super) fn cache(&self, env: &GoEnv) -> Result<Cache> {
        Cache::new(self.folder(env)?)
    }

    /// Gives the folder of the cache, which need not be there.
    pub(super) fn folder(&self, env: &GoEnv) -> Result<PathBuf> {
        match &self.modcache {
            Some(folder) => disk::absolute(folder),
            None => env.module_cache(),
        }
    }

    /// Gives the cache in front of something that is elsewhere: the one that is named, or one of its own.
    pub(super) fn cache_of(&self, elsewhere: &str, env: &GoEnv) -> Result<Cache> {
        if self.modcache.is_some() {
            return self.cache(env);
        }
        let sum = Digest::of(elsewhere.as_bytes()).hexadecimal();
        let name = format!("{sum:.16}");
        Cache::new(env.user_cache()?.join("storage").join(name))
    }

    /// The options as they were given, for a command line that does the rest.
    pub(super) fn arguments(&self) -> Option<String> {
        let folder = self.modcache.as_ref()?;
        Some(format!("--modcache {}", folder.display()))
    }
}

/// Whether the folders of versions are made.
#[derive(Debug, Args)]
pub(super) struct ExtractOptions {
    /// Leave the folders out; go extracts the zips when it first needs them
    ///
    /// A cache to be copied is smaller so. Go must be able to write into it then.
    #[arg(long)]
    no_extract: bool,
}

impl ExtractOptions {
    pub(super) fn extraction(&self) -> Extraction {
        match self.no_extract {
            true => Extraction::LeftToGo,
            false => Extraction::Now,
        }
    }
}

/// The sums that must match.
#[derive(Debug, Args)]
pub(super) struct SumOptions {
    /// Check against this go.sum; may be repeated
    ///
    /// A module that it names must match, zip and go.mod, before anything of it becomes visible. The go.sum
    /// beside the go.mod of this folder is used without being named.
    #[arg(long = "sum", value_name = "FILE")]
    files: Vec<PathBuf>,

    /// Do not use the go.sum beside the go.mod of this folder
    #[arg(long)]
    no_sum: bool,
}

/// The largest go.sum that is read, in bytes.
const MAX_GO_SUM: u64 = 256 << 20;

impl SumOptions {
    /// Reads the sums for somebody who needs nothing else of the main module of this folder.
    pub(super) fn sums_here(&self) -> Result<SumFiles> {
        self.sums(MainModule::find(&current_folder()?)?.as_ref())
    }

    pub(super) fn sums(&self, main_module: Option<&MainModule>) -> Result<SumFiles> {
        let found = main_module
            .filter(|_| !self.no_sum)
            .and_then(MainModule::go_sum);
        read_sums(self.files.iter().chain(&found))
    }
}

/// Reads go.sum files.
pub(super) fn read_sums<'a>(files: impl IntoIterator<Item = &'a PathBuf>) -> Result<SumFiles> {
    let mut sums = SumFiles::default();
    for file in files {
        let content = disk::read_limited(file, MAX_GO_SUM)?;
        sums.add(&file.display().to_string(), &content)?;
    }
    Ok(sums)
}

/// Threads at work.
#[derive(Debug, Args)]
pub(super) struct JobOptions {
    /// Threads at work [default: as many as there are processors]
    #[arg(short, long, value_name = "N")]
    jobs: Option<NonZeroUsize>,
}

impl JobOptions {
    /// Threads for work that mostly waits for servers: more than there are processors, unless the user says
    /// how many.
    pub(super) fn readers(&self) -> NonZeroUsize {
        const AT_LEAST: NonZeroUsize = NonZeroUsize::new(8).unwrap();
        self.jobs.unwrap_or_else(|| self.threads().max(AT_LEAST))
    }

    /// Threads that make zips and folders, which wait for servers where module proxies are asked.
    pub(super) fn makers(&self, mirrors: &Mirrors) -> NonZeroUsize {
        match mirrors.asks_servers() {
            true => self.readers(),
            false => self.threads(),
        }
    }

    pub(super) fn threads(&self) -> NonZeroUsize {
        self.jobs
            .or_else(|| std::thread::available_parallelism().ok())
            .unwrap_or(NonZeroUsize::MIN)
    }
}

/// Starts with no repository open; clones of remote ones are kept in the user's cache folder.
pub(super) fn repositories(env: &GoEnv, monitor: Arc<dyn Monitor>) -> Result<Repositories> {
    let store = Store::new(env.user_cache()?.join("vcs"));
    Ok(Repositories::new(store, transport_settings(env), monitor))
}

fn transport_settings(env: &GoEnv) -> TransportSettings {
    TransportSettings {
        client: Client::with_credentials(web_settings(env), Arc::new(user_credentials(env))),
        git_ssh_command: env.process("GIT_SSH_COMMAND").map(str::to_owned),
        git_ssh: env.process("GIT_SSH").map(PathBuf::from),
    }
}

/// Finds the user's credentials where go and git find them; nothing is read yet.
fn user_credentials(env: &GoEnv) -> UserCredentials {
    let home = env.process("HOME").map(Path::new);
    let netrc = env.process("NETRC").map(PathBuf::from);
    let netrc = netrc.or(home.map(|home| home.join(".netrc")));
    UserCredentials::new(env.get("GOAUTH").unwrap_or("netrc"), netrc)
}

/// Takes the settings of connections from the variables that git and curl read.
pub(super) fn web_settings(env: &GoEnv) -> Settings {
    let either = |names: [&str; 2]| {
        let value = names.iter().find_map(|name| env.process(name));
        value.map(str::to_owned)
    };
    let low_speed = |name| env.process(name)?.parse::<u64>().ok();
    Settings {
        // Upper case HTTP_PROXY is left out: a CGI server would set it from a request's header.
        http_proxy: either(["http_proxy", "all_proxy"]),
        https_proxy: either(["HTTPS_PROXY", "https_proxy"])
            .or_else(|| either(["ALL_PROXY", "all_proxy"])),
        no_proxy: either(["NO_PROXY", "no_proxy"]),
        ssl_ca_file: either(["GIT_SSL_CAINFO", "SSL_CERT_FILE"]).map(PathBuf::from),
        ssl_ca_dir: either(["GIT_SSL_CAPATH", "SSL_CERT_DIR"]).map(PathBuf::from),
        low_speed: low_speed("GIT_HTTP_LOW_SPEED_LIMIT")
            .zip(low_speed("GIT_HTTP_LOW_SPEED_TIME"))
            .map(|(limit, seconds)| LowSpeed {
                limit,
                time: Duration::from_secs(seconds),
            }),
        ..Settings::default()
    }
}

/// Takes what GOPROXY, GONOPROXY and GOPRIVATE say.
fn go_proxies(env: &GoEnv) -> Result<GoProxies> {
    Ok(GoProxies {
        list: env.goproxy().parse().context("cannot parse GOPROXY")?,
        private: env.gonoproxy().to_owned(),
        insecure: env.goinsecure().to_owned(),
    })
}
