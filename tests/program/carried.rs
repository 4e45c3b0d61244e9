//! The seeded cache, carried to a home without a network.

use crate::World;
use crate::reference::{copy_project, go};
use crate::seeded::ours;
use crate::support::sandbox::{run_well, tell};
use libtest_mimic::{Completion, Failed};
use std::ffi::OsString;
use std::process::Command;

/// Packs what the project needs, unpacks it into an empty cache where there is no network, and has go verify, build
/// and test there, with its checksum database on.
pub(crate) fn works_without_a_network(world: &World) -> Result<Completion, Failed> {
    let Some(namespace) = namespace() else {
        let reason = "no network namespace can be made with `unshare`";
        return Ok(Completion::ignored_with(reason));
    };
    let project = copy_project(&world.sandbox, "carried");
    let bundle = world.sandbox.path("toolbox.tar.zst");
    let packed = tell(ours(world, &project, "pack").arg("-o").arg(&bundle));
    assert_eq!(packed.code, Some(0), "{packed:#?}");
    println!("{}", packed.stderr);

    let cache = world.sandbox.path("inside");
    let mut unpack = world.sandbox.gomodcache();
    unpack
        .args(["unpack", "--modcache"])
        .arg(&cache)
        .arg(&bundle)
        .current_dir(&project)
        .env("GOENV", "off");
    let unpacked = tell(&mut within(&namespace, &unpack));
    assert_eq!(unpacked.code, Some(0), "{unpacked:#?}");

    for arguments in [
        ["mod", "verify"].as_slice(),
        &["build", "./..."],
        &["vet", "./..."],
        &["test", "-count=1", "./..."],
    ] {
        let mut go = go(&world.sandbox, &project, &cache);
        let folder = cache.join("cache/download");
        go.env("GOPROXY", format!("file://{}", folder.display()))
            .env("GOSUMDB", "sum.golang.org")
            .args(arguments);
        run_well(&mut within(&namespace, &go));
    }
    let verify = ["verify", "--modcache"];
    let mut verified = world.sandbox.gomodcache();
    verified.args(verify).arg(&cache).current_dir(&project);
    let verified = tell(&mut verified);
    assert_eq!(verified.code, Some(0), "{verified:#?}");
    Ok(Completion::Completed)
}

/// The command that runs another one without a network, its program found on our PATH.
fn namespace() -> Option<Vec<OsString>> {
    let path = std::env::var_os("PATH")?;
    let unshare = std::env::split_paths(&path)
        .map(|folder| folder.join("unshare"))
        .find(|program| program.is_file())?;
    let options = [&["--net"][..], &["--user", "--map-root-user", "--net"]];
    let mut commands = options.map(|options| {
        let options = options.iter().map(OsString::from);
        std::iter::once(unshare.clone().into_os_string())
            .chain(options)
            .collect::<Vec<_>>()
    });
    let is_possible = |command: &&mut Vec<OsString>| {
        let mut tried = Command::new(&command[0]);
        tried.args(&command[1..]).arg("true");
        tried.status().is_ok_and(|status| status.success())
    };
    commands.iter_mut().find(is_possible).map(std::mem::take)
}

/// The same command in a namespace.
fn within(namespace: &[OsString], command: &Command) -> Command {
    let mut inner = Command::new(&namespace[0]);
    inner
        .args(&namespace[1..])
        .arg(command.get_program())
        .args(command.get_args())
        .env_clear();
    for (name, value) in command.get_envs() {
        if let Some(value) = value {
            inner.env(name, value);
        }
    }
    if let Some(folder) = command.get_current_dir() {
        inner.current_dir(folder);
    }
    inner
}
