//! A server with modules and a database, and machines of users that verify with it.
#![allow(dead_code, reason = "not every test program asks for everything")]

use crate::loopback::{Answer, Loopback};
use crate::sumdb::{TestDatabase, files_below};
use crate::support::sandbox::{Sandbox, run};
use crate::world::Files as ProxyFiles;
use gomodcache::checksum::sumdb::{Client, Database, Files};
use gomodcache::checksum::{Part, dirhash};
use gomodcache::module::{ModulePath, ModuleVersion, Version};
use gomodcache::proxy::DatabaseRemote;
use gomodcache::web;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

pub(crate) const NAME: &str = "sum.example/test";
pub(crate) const MODULES: u64 = 5;
/// Records between those of two modules.
pub(crate) const BETWEEN: u64 = 100;

pub(crate) type Change = dyn Fn(&str, Option<Vec<u8>>) -> Answer + Send + Sync;

/// A server with modules and a database.
pub(crate) struct World {
    pub(crate) sandbox: Sandbox,
    pub(crate) server: Loopback,
    pub(crate) database: Arc<TestDatabase>,
    pub(crate) modules: BTreeMap<String, Vec<u8>>,
    pub(crate) change: Arc<Mutex<Box<Change>>>,
}

pub(crate) fn answer(content: Option<Vec<u8>>) -> Answer {
    content.map_or_else(|| Answer::status(404).text("not found"), Answer::ok)
}

pub(crate) fn path(number: u64) -> String {
    format!("example.com/m{number}")
}

pub(crate) fn module(number: u64) -> ModuleVersion {
    ModuleVersion {
        path: ModulePath::new(&path(number)).expect("a path"),
        version: Version::new("v1.0.0").expect("a version"),
    }
}

impl World {
    pub(crate) fn new() -> World {
        let sandbox = Sandbox::new();
        let mut files = ProxyFiles::default();
        let mut database = TestDatabase::new(NAME, 5);
        for number in 0..MODULES {
            files = files.module(&path(number), &["v1.0.0"]);
        }
        let modules: BTreeMap<String, Vec<u8>> = files
            .contents()
            .map(|(target, content)| (target.to_owned(), content.to_owned()))
            .collect();
        for number in 0..MODULES {
            let [zip, go_mod] = sums(&sandbox, &modules, number);
            database.add_module(&path(number), "v1.0.0", [&zip, &go_mod]);
            database.fill(BETWEEN);
        }
        let database = Arc::new(database);
        let change: Arc<Mutex<Box<Change>>> =
            Arc::new(Mutex::new(Box::new(|_, content| answer(content))));
        let server = Loopback::start({
            let (database, change, modules) =
                (Arc::clone(&database), Arc::clone(&change), modules.clone());
            move |asked| {
                let target = asked.target.as_str();
                let (place, rest) = target[1..].split_once('/').unwrap_or((&target[1..], ""));
                let of_database = match place {
                    "direct" => Some(rest),
                    "with" => rest.strip_prefix(&format!("sumdb/{NAME}/")),
                    _ => None,
                };
                match of_database {
                    Some(rest) => change.lock().expect("change")(rest, database.answer(rest)),
                    None if place == "broken" && rest.starts_with("sumdb/") => Answer::status(500),
                    None => answer(modules.get(&format!("/{rest}")).cloned()),
                }
            }
        });
        World {
            sandbox,
            server,
            database,
            modules,
            change,
        }
    }

    pub(crate) fn change(
        &self,
        change: impl Fn(&str, Option<Vec<u8>>) -> Answer + Send + Sync + 'static,
    ) {
        *self.change.lock().expect("change") = Box::new(change);
    }

    pub(crate) fn be_honest(&self) {
        self.change(|_, content| answer(content));
    }

    /// GOSUMDB with the URL of the database.
    pub(crate) fn direct(&self) -> String {
        format!(
            "{} {}/direct",
            self.database.verifier_key(),
            self.server.url()
        )
    }

    /// The machine of a user.
    pub(crate) fn user(&self, name: &str) -> User<'_> {
        User {
            world: self,
            folder: self.sandbox.path(name),
        }
    }

    /// Both programs verify a module; the files they have are compared. Tells whether it was verified.
    pub(crate) fn both_verify(&self, gosumdb: &str, goproxy: &str, number: u64) -> bool {
        let goproxy = goproxy.replace("{}", &self.server.url());
        let (go, ours) = (self.user("go"), self.user("ours"));
        let by_go = go.verify_by_go(gosumdb, &goproxy, number);
        let by_us = ours.verify(gosumdb, &goproxy, number);
        assert_eq!(
            by_go.is_ok(),
            by_us.is_ok(),
            "module {number}, {gosumdb}, {goproxy}\ngo: {by_go:?}\nours: {by_us:?}"
        );
        let told = |files: BTreeMap<String, Vec<u8>>| {
            let text = |content: Vec<u8>| String::from_utf8_lossy(&content).into_owned();
            files
                .into_iter()
                .map(|(name, content)| (name, text(content)))
                .collect::<Vec<_>>()
        };
        assert_eq!(told(ours.known()), told(go.known()), "the latest tree");
        let mut kept = ours.kept();
        kept.remove(&format!("{NAME}/latest"));
        assert_eq!(told(kept), told(go.kept()), "records and tiles, {by_us:?}");
        by_us.is_ok()
    }
}

pub(crate) fn sums(
    sandbox: &Sandbox,
    modules: &BTreeMap<String, Vec<u8>>,
    number: u64,
) -> [String; 2] {
    let base = format!("/{}/@v/v1.0.0", path(number));
    let zip = sandbox.write("module.zip", &modules[&format!("{base}.zip")]);
    [
        dirhash::hash_zip(&zip).expect("a sum"),
        dirhash::go_mod_sum(&modules[&format!("{base}.mod")]),
    ]
}

/// A module cache, and what is known of databases.
pub(crate) struct User<'a> {
    pub(crate) world: &'a World,
    pub(crate) folder: PathBuf,
}

impl User<'_> {
    pub(crate) fn verify(&self, gosumdb: &str, goproxy: &str, number: u64) -> anyhow::Result<()> {
        let client = self.client(gosumdb, goproxy)?;
        let [zip, go_mod] = sums(&self.world.sandbox, &self.world.modules, number);
        client.check(&module(number), Part::GoMod, &go_mod)?;
        client.check(&module(number), Part::Zip, &zip)
    }

    fn client(&self, gosumdb: &str, goproxy: &str) -> anyhow::Result<Client> {
        let settings = web::Settings {
            https_proxy: Some(self.world.server.url()),
            retries: 0,
            ..web::Settings::default()
        };
        client(&self.folder, gosumdb, goproxy, settings)
    }

    pub(crate) fn verify_by_go(
        &self,
        gosumdb: &str,
        goproxy: &str,
        number: u64,
    ) -> Result<(), String> {
        let mut command = go(&self.world.sandbox, &self.folder);
        let output = run(command
            .args(["mod", "download", &module(number).to_string()])
            .env("GOPROXY", goproxy)
            .env("GOSUMDB", gosumdb)
            .env("HTTPS_PROXY", self.world.server.url()));
        match output.status.success() {
            true => Ok(()),
            false => Err(String::from_utf8_lossy(&output.stderr).into_owned()),
        }
    }

    pub(crate) fn known(&self) -> BTreeMap<String, Vec<u8>> {
        files_below(&self.folder.join("gopath/pkg/sumdb"))
    }

    pub(crate) fn kept(&self) -> BTreeMap<String, Vec<u8>> {
        files_below(&self.folder.join("mod/cache/download/sumdb"))
    }
}

/// Go with a cache and a GOPATH in a folder.
pub(crate) fn go(sandbox: &Sandbox, folder: &Path) -> std::process::Command {
    let mut command = sandbox.command("go");
    command
        .env("GOMODCACHE", folder.join("mod"))
        .env("GOPATH", folder.join("gopath"))
        .env("GOCACHE", sandbox.path("gocache"))
        .env("GOFLAGS", "-modcacherw")
        .env("GOENV", "off")
        .env("GOTOOLCHAIN", "local");
    command
}

struct Never;

impl web::Interrupt for Never {
    fn interrupted(&self) -> bool {
        false
    }
}

/// A client of ours with the same.
pub(crate) fn client(
    folder: &Path,
    gosumdb: &str,
    goproxy: &str,
    settings: web::Settings,
) -> anyhow::Result<Client> {
    let database = Database::parse(gosumdb)?.expect("a database");
    let sumdb = folder.join("gopath/pkg/sumdb");
    let files = Files::new(
        &folder.join("mod/cache/download"),
        &sumdb,
        database.key.name(),
    );
    let key = database.key.clone();
    let web = web::Client::new(settings);
    let remote = DatabaseRemote::new(database, goproxy.parse()?, web, Arc::new(Never));
    Ok(Client::new(key, Box::new(remote), files))
}
