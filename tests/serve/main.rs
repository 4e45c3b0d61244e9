//! The module cache served, with the real go as the client, and with clients that mean no good.
//!
//! Like the tests in `integration` this is one binary with its own main function: what needs go and git is
//! reported as ignored, with the reason, where they are missing.
#![allow(clippy::disallowed_methods, reason = "tests make their own worlds")]

mod access;
mod arriving;
mod bucket;
mod certificate;
mod client;
mod crowd;
mod databases;
mod endpoints;
mod fetch;
mod go;
mod hostile;
mod ingress;
mod life;
#[path = "../support/loopback.rs"]
mod loopback;
mod manifests;
mod nginx;
#[path = "../support/readme.rs"]
mod readme;
mod rules;
mod shared_records;
mod storage;
#[path = "../support/sumdb.rs"]
mod sumdb;
#[path = "../integration/support/mod.rs"]
mod support;
mod team;
mod traces;
#[path = "../proxies/world.rs"]
mod world;

use std::process::ExitCode;

fn main() -> ExitCode {
    let exit = support::run_all([
        access::trials(),
        arriving::trials(),
        databases::trials(),
        endpoints::trials(),
        fetch::trials(),
        go::trials(),
        hostile::trials(),
        ingress::trials(),
        life::trials(),
        manifests::trials(),
        rules::trials(),
        shared_records::trials(),
        storage::trials(),
        traces::trials(),
    ]);
    team::clean_up();
    exit
}
