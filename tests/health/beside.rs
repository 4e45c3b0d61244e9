//! Go and this program at work on the cache that is being verified.

use crate::support::sandbox::{make_writable, tell};
use crate::support::server::Server;
use crate::support::{oracle, oracle_tests};
use crate::world::World;
use libtest_mimic::Trial;
use std::process::{Child, Stdio};

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    oracle_tests!("beside": go_at_work_is_no_damage)
}

const VERSIONS: usize = 12;

/// Two go commands fill an empty cache again and again, and no look at it finds anything wrong.
fn go_at_work_is_no_damage() {
    let world = World::new(VERSIONS);
    let server = Server::start(&world.sandbox);
    let proxy = world.sandbox.path("sound/cache/download");
    let cache = world.path("");
    let mut looks = 0;
    for _ in 0..4 {
        make_writable(&cache);
        std::fs::remove_dir_all(&cache).expect("gone");
        std::fs::create_dir(&cache).expect("empty");
        let mut started: Vec<Child> = (0..2)
            .map(|_| {
                let mut go = oracle::go(&world.sandbox, &server, &cache);
                let requests = (0..VERSIONS).map(|number| format!("example.com/m@v1.{number}.0"));
                go.args(["mod", "download"]).args(requests);
                go.env("GOPROXY", format!("file://{}", proxy.display()));
                go.stdout(Stdio::null()).stderr(Stdio::null());
                go.spawn().expect("started")
            })
            .collect();
        while started
            .iter_mut()
            .any(|go| go.try_wait().expect("go").is_none())
        {
            let told = tell(&mut world.verify());
            assert_eq!(
                (told.code, told.stdout.as_str()),
                (Some(0), ""),
                "{told:#?}"
            );
            looks += 1;
        }
        for mut go in started {
            assert!(go.wait().expect("go").success());
        }
    }
    assert!(looks >= 4, "go was too fast to be looked at");
    let told = tell(&mut world.verify());
    assert_eq!(
        told.stderr,
        format!("verified {VERSIONS} versions: all is well\n")
    );
}
