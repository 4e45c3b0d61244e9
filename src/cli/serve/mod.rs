//! `gomodcache serve`.

mod lines;
mod traces;

use std::io::{BufRead, BufReader, Read};
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::{Arc, Weak};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::{Args, ValueEnum};

use self::lines::Lines;
use self::traces::Traces;
use super::settings::{CacheOptions, JobOptions, MirrorOptions, current_folder, repositories};
use super::sources::parse;
use super::verification::{Subject, SumDatabaseOptions};
use super::{Exit, Output, verification};
use crate::cache::Cache;
use crate::checksum::SumFiles;
use crate::goenv::GoEnv;
use crate::ops::{Fetching, Opened, ServeOptions, SumDatabase, Unwatched, serve};
use crate::server::{
    Forwarding, HashedSecret, Limits, Listen, Log, Settings, TlsFiles, hash_secret,
};
use crate::storage::{Address, Storage};

/// Serve the module cache to go as a module proxy
///
/// Everybody who sets GOPROXY to the address that is printed gets modules from this cache: versions, lists,
/// `@latest`, branches and commits as far as they are stored, and the records of checksum databases. What go or
/// gomodcache put into the cache meanwhile is served, too. Without --fetch nothing leaves the machine.
///
/// With --fetch, what is not stored is fetched from mirrors and module proxies as `gomodcache fetch` does, once
/// however many ask, verified, stored, and never changed again. Lists and `@latest` are asked for once a minute at
/// most; when the sources cannot be asked, what is stored counts.
///
/// A browser shows how to use it, and what there is. Ends on Ctrl-C or SIGTERM, once those who have asked are
/// answered.
#[derive(Debug, Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct Serve {
    /// Where to listen: address and port, or `unix:` and the path of a socket; port 0 is any that is free
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:3000", value_parser = parse::<Listen>)]
    listen: Listen,

    /// What all paths begin with, for a place behind a web server that has others
    #[arg(long, value_name = "PATH", default_value = "/", value_parser = parse::<Prefix>)]
    prefix: Prefix,

    #[command(flatten)]
    cache: CacheOptions,

    /// Serve what is in this object store: s3://BUCKET/PREFIX, gs://..., az://...
    ///
    /// Several servers can share it with no other coordination: what one has stored all others have, and nothing is
    /// ever replaced. The cache is in front of it, a folder of its own unless --modcache names one; what is in there
    /// counts as stored. Credentials and endpoint come from the variables AWS_..., GOOGLE_... or AZURE_...
    #[arg(long, value_name = "URL", value_parser = parse::<Address>)]
    storage: Option<Address>,

    /// Fetch what is not stored
    #[arg(long)]
    fetch: bool,

    #[command(flatten)]
    mirrors: MirrorOptions,

    #[command(flatten)]
    sumdb: SumDatabaseOptions,

    #[command(flatten)]
    jobs: JobOptions,

    /// What is told of each request on stderr
    #[arg(long, value_name = "FORM", default_value = "text")]
    log: LogForm,

    #[command(flatten)]
    access: AccessOptions,

    #[command(flatten)]
    limits: LimitOptions,
}

/// Who may read, and how.
#[derive(Debug, Args)]
struct AccessOptions {
    /// Speak TLS with this certificate, in PEM with those that lead to its authority; read again when it changes
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,

    /// The private key of the certificate, in PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,

    /// Answer only the users in this file; read again when it changes
    ///
    /// A TOML file with a table `[[user]]` for each: `name`, `password` or `token` as --hash-secret prints them, and
    /// perhaps `modules`, a list of patterns as in GOPRIVATE of what the user may read. Go sends passwords (from
    /// .netrc or GOAUTH) only over TLS.
    #[arg(long, value_name = "FILE")]
    users: Option<PathBuf>,

    /// Read a secret from stdin, print its lines for the file of users, and end
    #[arg(long)]
    hash_secret: bool,

    /// Believe the X-Forwarded-For, -Proto and -Host of a web server in front
    #[arg(long)]
    behind_proxy: bool,
}

const EXAMPLES: &str = "\
Examples:
  To this machine:
    gomodcache serve
    GOPROXY=http://127.0.0.1:3000 go build ./...

  To a team, behind a web server that has other paths, too:
    gomodcache serve --listen 0.0.0.0:8080 --prefix /go --log json

  What is not stored comes from a module proxy, and from mirrors by the rules of a file:
    gomodcache serve --fetch --config gomodcache.toml --proxy https://proxy.golang.org

  One of several servers that share a bucket:
    AWS_REGION=eu-central-1 gomodcache serve --storage s3://go-modules/team --fetch

What is served:
  /MODULE/@v/list, /MODULE/@latest, /MODULE/@v/VERSION.info, .mod and .zip, /sumdb/NAME/...
  /cached-only/...   the same, for clients that want nothing fetched
  /index             what was added, in order: ?since=TIME&limit=N, as index.golang.org has it
  /                  a page for people
  /healthz, /readyz, /metrics

Where OTEL_EXPORTER_OTLP_ENDPOINT names a collector of OpenTelemetry (http://collector:4318), it hears of each request.
";

/// Limits on what clients may take.
#[derive(Debug, Args)]
struct LimitOptions {
    /// Connections that are open; more wait
    #[arg(long, value_name = "N", default_value_t = 4096)]
    max_connections: u32,

    /// The size of the head of a request, in KiB
    #[arg(long, value_name = "KIB", default_value_t = 32, value_parser = clap::value_parser!(u16).range(8..))]
    max_header: u16,

    /// How long a client may send no whole request, or take nothing of an answer, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u32).range(1..))]
    idle_timeout: u32,

    /// How long requests may take to end once the server is to stop, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    grace: u32,
}

/// What all paths begin with.
#[derive(Clone, Debug)]
struct Prefix(String);

impl std::str::FromStr for Prefix {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Prefix> {
        let elements: Vec<&str> = text.split('/').filter(|name| !name.is_empty()).collect();
        let is_plain = |name: &&str| {
            let mut letters = name.bytes();
            !matches!(*name, "." | "..")
                && letters.all(|byte| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte))
        };
        ensure!(
            elements.iter().all(is_plain),
            "`{text}` is no path of letters, digits and `-_.~`"
        );
        let path = elements.iter().flat_map(|name| ["/", name]);
        Ok(Prefix(path.collect()))
    }
}

/// What is told of each request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LogForm {
    /// A line of text
    Text,
    /// A line of JSON
    Json,
    /// Nothing
    Off,
}

/// Those who hear of requests.
struct Listening {
    lines: Option<(Arc<Lines>, JoinHandle<()>)>,
    traces: Option<Arc<Traces>>,
}

impl Listening {
    fn start(form: LogForm, env: &GoEnv) -> Result<Listening> {
        let lines = match form {
            LogForm::Off => None,
            form => Some(Lines::start(form)),
        };
        let log = match &lines {
            Some((lines, _)) => Arc::downgrade(lines) as Weak<dyn Log>,
            None => Weak::<Lines>::new(),
        };
        let traces = Traces::start(env, log)?.map(Arc::new);
        Ok(Listening { lines, traces })
    }

    fn logs(&self) -> Vec<Arc<dyn Log>> {
        let lines = self.lines.iter();
        let lines = lines.map(|(lines, _)| Arc::<Lines>::clone(lines) as Arc<dyn Log>);
        let traces = self.traces.iter();
        let traces = traces.map(|traces| Arc::<Traces>::clone(traces) as Arc<dyn Log>);
        lines.chain(traces).collect()
    }

    /// Waits until all has been told.
    fn end(self) {
        if let Some(traces) = self.traces {
            traces.stop();
        }
        if let Some((lines, writer)) = self.lines {
            drop(lines);
            // It ends when nothing more can come.
            let _ = writer.join();
        }
    }
}

impl Serve {
    pub(super) fn run(&self, env: &GoEnv, output: &Output) -> Result<Exit> {
        if self.access.hash_secret {
            return hash(output);
        }
        if !self.fetch && self.mirrors.are_given() {
            let what = "--mirror and --proxy say where to fetch from, and --fetch is missing";
            return Ok(output.misused(what));
        }
        let (cache, storage) = self.places(env)?;
        let folder = cache.root().display();
        let served = match &self.storage {
            Some(storage) => format!("{storage} by way of {folder}"),
            None => folder.to_string(),
        };
        let here = current_folder()?;
        let rules = self.mirrors.rules(env, &here).into_iter();
        let fetching = match self.fetch {
            true => Some(self.fetching(env, &cache, here, output)?),
            false => None,
        };
        let listening = Listening::start(self.log, env)?;
        let options = ServeOptions {
            cache,
            storage,
            settings: Settings {
                listen: self.listen.clone(),
                prefix: self.prefix.0.clone(),
                private: env.gonosumdb().to_owned(),
                tls: self.access.tls(),
                users: self.access.users.clone(),
                rules: rules.map(|(file, _)| file).collect(),
                forwarding: match self.access.behind_proxy {
                    true => Forwarding::Believed,
                    false => Forwarding::Ignored,
                },
                limits: self.limits.limits(self.jobs.readers()),
            },
            fetching,
            logs: listening.logs(),
        };
        serve(options, |address| {
            if self.log != LogForm::Json {
                output.status(format!("serving {served}"));
            }
            output.data(format!("{}\n", self.url(address)).as_bytes())
        })?;
        listening.end();
        Ok(Exit::Done)
    }

    fn places(&self, env: &GoEnv) -> Result<(Cache, Option<Storage>)> {
        let Some(address) = &self.storage else {
            return Ok((self.cache.cache(env)?, None));
        };
        let cache = self.cache.cache_of(&address.to_string(), env)?;
        Ok((cache, Some(Storage::open(address, env)?)))
    }

    /// Works out where modules come from, and offers the records that the cache has already.
    fn fetching(
        &self,
        env: &GoEnv,
        cache: &Cache,
        folder: PathBuf,
        output: &Output,
    ) -> Result<Fetching> {
        let open = {
            let (env, cache) = (env.clone(), cache.clone());
            let (options, sumdb) = (self.mirrors.clone(), self.sumdb.clone());
            move || {
                let mirrors = options.mirrors(&env, &folder)?;
                let repositories = repositories(&env, Arc::new(Unwatched))?;
                let subject = Subject::Modules;
                let database = sumdb.database(subject, &env, &mirrors, &cache, &repositories)?;
                Ok(Opened {
                    mirrors,
                    repositories,
                    database,
                })
            }
        };
        let database = open()?.database;
        let database = database.as_ref().map(SumDatabase::name);
        verification::offer_records(env, cache, database, output)?;
        Ok(Fetching {
            sums: SumFiles::default(),
            folder_mode: env.folder_mode()?,
            threads: self.jobs.threads(),
            open: Box::new(open),
        })
    }

    /// Gives the value for GOPROXY; a socket has none.
    fn url(&self, address: &Listen) -> String {
        match address {
            Listen::Tcp(address) => {
                let scheme = match self.access.tls_cert {
                    Some(_) => "https",
                    None => "http",
                };
                format!("{scheme}://{address}{}", self.prefix.0)
            }
            Listen::Unix(_) => address.to_string(),
        }
    }
}

/// Prints the forms of the secret on stdin, which may end with a line end.
fn hash(output: &Output) -> Result<Exit> {
    const MAX_SECRET: u64 = 4096;
    let mut secret = String::new();
    let stdin = std::io::stdin().lock().take(MAX_SECRET);
    let read = BufReader::new(stdin).read_line(&mut secret);
    read.context("cannot read the secret from stdin")?;
    let secret = secret.trim_end_matches(['\r', '\n']);
    ensure!(!secret.is_empty(), "the secret on stdin is empty");
    let HashedSecret { password, token } = hash_secret(secret.as_bytes())?;
    let lines = format!(
        "password = \"{password}\"\ntoken = \"{token}\"  # instead, for a random secret only\n"
    );
    output.data(lines.as_bytes())?;
    Ok(Exit::Done)
}

impl AccessOptions {
    fn tls(&self) -> Option<TlsFiles> {
        Some(TlsFiles {
            certificate: self.tls_cert.clone()?,
            key: self.tls_key.clone()?,
        })
    }
}

impl LimitOptions {
    fn limits(&self, fetches: NonZeroUsize) -> Limits {
        Limits {
            fetches: fetches.get(),
            header: usize::from(self.max_header) << 10,
            connections: usize::try_from(self.max_connections).unwrap_or(usize::MAX),
            idle: Duration::from_secs(self.idle_timeout.into()),
            grace: Duration::from_secs(self.grace.into()),
        }
    }
}
