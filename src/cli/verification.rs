//! Who has vouched for what came: the option, and what is said of it.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};

use super::Output;
use crate::cache::Cache;
use crate::checksum::sumdb::{Client, Database, Files};
use crate::goenv::GoEnv;
use crate::ops::{self, OfflineDatabase, Repositories, SumDatabase, SumDatabasePolicy, VerifiedBy};
use crate::proxy::DatabaseRemote;
use crate::source::Mirrors;

/// The checksum database.
#[derive(Clone, Debug, Args)]
pub(super) struct SumDatabaseOptions {
    /// Verify what no go.sum line covers with the checksum database of GOSUMDB [default: auto when a module
    /// proxy on a network is asked, else off]
    ///
    /// GOSUMDB, GONOSUMDB and GOPRIVATE mean what they mean to go. The proxies are asked for the database first,
    /// then its own host. A sum that differs, and a database that contradicts itself, is always an error (exit
    /// code 3).
    #[arg(long, value_name = "WHEN")]
    sumdb: Option<When>,
}

/// The checksum database, where there is no network.
#[derive(Debug, Args)]
pub(super) struct OfflineOptions {
    /// Verify what no go.sum line covers with the records of the checksum database of GOSUMDB in the bundle
    ///
    /// Signatures and proofs are checked in full. A sum that differs, and a database that contradicts itself, is
    /// always an error (exit code 3).
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    sumdb: When,
}

impl OfflineOptions {
    /// Gives the database whose records count.
    ///
    /// # Errors
    /// A GOSUMDB that cannot be read, or is off although records are required.
    pub(super) fn database(&self, env: &GoEnv, cache: &Cache) -> Result<Option<OfflineDatabase>> {
        let Some(policy) = self.sumdb.policy() else {
            return Ok(None);
        };
        let Some(database) = Database::parse(env.gosumdb())? else {
            match policy {
                SumDatabasePolicy::Auto => return Ok(None),
                SumDatabasePolicy::Require => bail!(REQUIRED_AND_OFF),
            }
        };
        let files = Files::new(cache.downloads(), &env.sumdb_folder()?, database.key.name());
        Ok(Some(OfflineDatabase {
            database,
            files,
            policy,
            private: env.gonosumdb().to_owned(),
        }))
    }
}

/// Gives the database whose records count wherever there are any.
pub(super) fn records(env: &GoEnv, cache: &Cache) -> Result<Option<OfflineDatabase>> {
    let sumdb = When::Auto;
    OfflineOptions { sumdb }.database(env, cache)
}

const REQUIRED_AND_OFF: &str = "--sumdb require needs a checksum database, and GOSUMDB is off";

/// Whether the checksum database is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum When {
    /// What it does not vouch for is refused
    Require,
    /// Where it cannot be asked, or knows nothing, what came is reported as unverified
    Auto,
    /// It is not asked
    Off,
}

impl When {
    fn policy(self) -> Option<SumDatabasePolicy> {
        match self {
            When::Require => Some(SumDatabasePolicy::Require),
            When::Auto => Some(SumDatabasePolicy::Auto),
            When::Off => None,
        }
    }
}

/// What is to be verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    /// Modules, which go.sum files can cover.
    Modules,
    /// Toolchains among them, which no go.sum covers.
    Toolchains,
}

impl SumDatabaseOptions {
    /// Tells what is made of the records that the cache has.
    pub(super) fn records(&self) -> Option<SumDatabasePolicy> {
        self.sumdb.unwrap_or(When::Auto).policy()
    }

    /// Gives the database of this run; nothing is sent yet.
    ///
    /// # Errors
    /// A GOSUMDB that cannot be read, or is off although the database is required.
    pub(super) fn database(
        &self,
        subject: Subject,
        env: &GoEnv,
        mirrors: &Mirrors,
        cache: &Cache,
        repositories: &Repositories,
    ) -> Result<Option<SumDatabase>> {
        let policy = match self.sumdb {
            Some(When::Require) => SumDatabasePolicy::Require,
            Some(When::Auto) => SumDatabasePolicy::Auto,
            Some(When::Off) => return Ok(None),
            None if subject == Subject::Toolchains
                && !mirrors.proxies_in_force().is_one_folder() =>
            {
                SumDatabasePolicy::Require
            }
            None if mirrors.asks_servers() => SumDatabasePolicy::Auto,
            None => return Ok(None),
        };
        let Some(database) = Database::parse(env.gosumdb())? else {
            match (policy, self.sumdb) {
                (SumDatabasePolicy::Auto, _) => return Ok(None),
                (SumDatabasePolicy::Require, Some(_)) => bail!(REQUIRED_AND_OFF),
                (SumDatabasePolicy::Require, None) => bail!(
                    "a toolchain is verified with the checksum database, and GOSUMDB is off; --sumdb off takes it unverified"
                ),
            }
        };
        let remote = DatabaseRemote::new(
            database.clone(),
            mirrors.proxies_in_force().clone(),
            repositories.client().clone(),
            repositories.interrupt(),
        );
        let files = Files::new(cache.downloads(), &env.sumdb_folder()?, database.key.name());
        let client = Client::new(database.key, Box::new(remote), files);
        let private = env.gonosumdb().to_owned();
        Ok(Some(SumDatabase::new(client, policy, private)))
    }
}

/// Tells users of the cache as a proxy whether it has the records of all that it has.
pub(super) fn offer_records(
    env: &GoEnv,
    cache: &Cache,
    database: Option<&str>,
    output: &Output,
) -> Result<()> {
    // Without a home there is no database either.
    let Ok(folder) = env.sumdb_folder() else {
        return Ok(());
    };
    for error in ops::offer_records(cache, &folder, env.gonosumdb(), database)? {
        output.status(format!(
            "the records of the checksum database stay hidden from those who use the cache as a proxy: {error:#}"
        ));
    }
    Ok(())
}

/// Says what was verified by whom, where a checksum database is in force.
pub(super) fn summary<'v>(
    database: Option<&SumDatabase>,
    verified: impl Iterator<Item = &'v VerifiedBy>,
) -> Option<String> {
    let database = database?;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut unverified = 0;
    for by in verified {
        match by.name() {
            Some(name) => *counts.entry(name).or_default() += 1,
            None => unverified += 1,
        }
    }
    let mut parts: Vec<String> = counts
        .iter()
        .map(|(name, count)| format!("verified by {name} {count}"))
        .collect();
    if unverified > 0 {
        parts.push(format!("unverified {unverified}"));
    }
    if let Some(reason) = database.given_up() {
        let name = database.name();
        parts.push(format!("{name} could not be asked: {reason}"));
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// Gives the value of `VerifiedBy` in JSON, where a checksum database is in force.
pub(super) fn json(database: Option<&SumDatabase>, by: &VerifiedBy) -> Option<String> {
    database?;
    Some(by.word().to_owned())
}
