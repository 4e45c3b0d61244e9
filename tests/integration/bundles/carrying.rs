//! Who vouches for a bundle, parts of one, bills of materials, and unpacking that is killed.

use crate::support::kill::{Kills, assert_nothing_half};
use crate::support::mirror::Mirror;
use crate::support::oracle;
use crate::support::sample;
use crate::support::sandbox::{Sandbox, Told, make_writable, run, run_well, tell};
use crate::support::server::Server;
use crate::support::tree::{self, Listing, Origin};
use crate::support::{oracle_tests, tests, unless};
use libtest_mimic::{Completion, Trial};
use std::fmt::Write as _;
use std::process::{Child, Command, Stdio};

/// The tests of this group.
pub(crate) fn trials() -> Vec<Trial> {
    let mut trials = tests!("carrying":
        a_part_that_is_damaged_is_named,
        parts_that_are_missing_are_told_before_anything_is_read,
        a_bill_of_materials_goes_beside_the_bundle,
        a_damaged_zip_gives_way_to_that_of_the_bundle,
    );
    trials.extend(oracle_tests!("carrying":
        unpacking_can_be_killed_at_any_moment,
    ));
    let signed = |name: &str, test: fn(&Sandbox)| {
        let missing = || {
            let ssh_keygen = Command::new("ssh-keygen").arg("-?").output();
            ssh_keygen.err().map(|_| "ssh-keygen is not on PATH")
        };
        unless(missing, format!("carrying::{name}"), move || {
            test(&packed(&[]));
            Ok(Completion::Completed)
        })
    };
    trials.extend([
        signed("ssh_keygen_verifies_what_we_sign", ssh_keygen_verifies),
        signed("we_verify_what_ssh_keygen_signs", we_verify),
        signed("a_bundle_nobody_trusted_has_signed_is_refused", untrusted),
        signed("an_agent_signs_with_the_key_of_a_pub_file", agent_signs),
        signed("keys_that_cannot_sign_are_told", unfit_keys),
    ]);
    trials
}

/// A sandbox with the sample in its cache, and packed as `work/b.tar.zst` with these arguments.
fn packed(arguments: &[&str]) -> Sandbox {
    let sandbox = sample::sandbox();
    run_well(&mut sample::fetch(
        &sandbox,
        &["example.com/m@v1.0.0", "example.com/m@v1.1.0"],
    ));
    run_well(&mut pack(&sandbox, arguments));
    sandbox
}

fn pack(sandbox: &Sandbox, arguments: &[&str]) -> Command {
    let mut command = sandbox.gomodcache();
    command.args(["pack", "--all", "-o", "b.tar.zst", "--modcache"]);
    command.arg(sandbox.path("modcache")).args(arguments);
    command
}

fn unpack(sandbox: &Sandbox, arguments: &[&str]) -> Command {
    let mut command = sandbox.gomodcache();
    command.args(["unpack", "--modcache"]);
    command.arg(sandbox.path("inside")).args(arguments);
    command
}

fn inside(sandbox: &Sandbox) -> Listing {
    tree::list(&sandbox.path("inside"), Origin::Compared)
}

/// Makes a key `work/NAME` with ssh-keygen, and gives its fingerprint.
fn keygen(sandbox: &Sandbox, name: &str, arguments: &[&str]) -> String {
    let mut command = sandbox.command("ssh-keygen");
    run_well(command.args(["-q", "-C", name, "-f", name]).args(arguments));
    let mut command = sandbox.command("ssh-keygen");
    let told = tell(command.args(["-l", "-f", name]));
    told.stdout
        .split(' ')
        .nth(1)
        .expect("a fingerprint")
        .to_owned()
}

fn ssh_keygen_verifies(sandbox: &Sandbox) {
    for kind in ["ed25519", "ecdsa"] {
        keygen(sandbox, kind, &["-t", kind, "-N", ""]);
        run_well(&mut pack(sandbox, &["--sign", kind]));
        let mut tar = sandbox.command("tar");
        run_well(tar.args([
            "--zstd",
            "-xf",
            "b.tar.zst",
            "manifest.json",
            "manifest.json.sig",
        ]));
        let key = std::fs::read_to_string(sandbox.path(&format!("work/{kind}.pub")));
        sandbox.write(
            "work/allowed_signers",
            format!("builder {}", key.expect("a key")),
        );
        let mut verify = sandbox.command("ssh-keygen");
        verify.args(["-Y", "verify", "-n", "gomodcache", "-I", "builder"]);
        verify.args(["-f", "allowed_signers", "-s", "manifest.json.sig"]);
        let manifest = std::fs::File::open(sandbox.path("work/manifest.json"));
        run_well(verify.stdin(manifest.expect("a manifest")));
        tell(&mut unpack(
            sandbox,
            &["b.tar.zst", "--trust", "allowed_signers"],
        ))
        .prints("");
    }
}

fn we_verify(sandbox: &Sandbox) {
    let fingerprint = keygen(sandbox, "key", &["-t", "ed25519", "-N", ""]);
    let mut tar = sandbox.command("tar");
    run_well(tar.args(["--zstd", "-xf", "b.tar.zst"]));
    let mut sign = sandbox.command("ssh-keygen");
    run_well(sign.args([
        "-Y",
        "sign",
        "-n",
        "gomodcache",
        "-f",
        "key",
        "manifest.json",
    ]));
    let names = tell(sandbox.command("tar").args(["--zstd", "-tf", "b.tar.zst"]));
    let names = names
        .stdout
        .replacen("manifest.json\n", "manifest.json\nmanifest.json.sig\n", 1);
    sandbox.write("work/names", names);
    let mut tar = sandbox.command("tar");
    tar.args(["--format=ustar", "--no-recursion", "--zstd"]);
    run_well(tar.args(["-cf", "signed.tar.zst", "-T", "names"]));
    let told = tell(&mut unpack(
        sandbox,
        &["signed.tar.zst", "--trust", "key.pub", "-v"],
    ));
    told.prints("");
    told.mentions([&format!(
        "signed by key with ssh-ed25519 {fingerprint}, which is trusted"
    )]);
}

fn untrusted(sandbox: &Sandbox) {
    let fingerprint = keygen(sandbox, "key", &["-t", "ed25519", "-N", ""]);
    keygen(sandbox, "other", &["-t", "ed25519", "-N", ""]);
    let trusting = |key: &str| tell(&mut unpack(sandbox, &["b.tar.zst", "--trust", key]));
    trusting("key.pub").fails(3, ["the bundle is not signed"]);
    run_well(&mut pack(sandbox, &["--sign", "key"]));
    trusting("other.pub").fails(3, [&fingerprint, "none of the trusted keys"]);
    assert_eq!(inside(sandbox), Listing::new());
    let key = std::fs::read_to_string(sandbox.path("work/key.pub")).expect("a key");
    trusting(&key).prints("");
    let told = tell(&mut unpack(sandbox, &["b.tar.zst"]));
    told.prints("");
    told.mentions([&format!(
        "b.tar.zst is signed with ssh-ed25519 {fingerprint}: nobody who is trusted vouches for it"
    )]);
}

/// An ssh-agent that ends with its value.
struct Agent(Child);

impl Drop for Agent {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn agent_signs(sandbox: &Sandbox) {
    keygen(sandbox, "key", &["-t", "ed25519", "-N", ""]);
    let socket = sandbox.path("agent");
    let signing = || {
        let mut command = pack(sandbox, &["--sign", "key.pub"]);
        command.env("SSH_AUTH_SOCK", &socket);
        command
    };
    tell(&mut pack(sandbox, &["--sign", "key.pub"]))
        .fails(1, ["key.pub is a public key", "SSH_AUTH_SOCK"]);
    let mut agent = sandbox.command("ssh-agent");
    let agent = agent
        .arg("-D")
        .arg("-a")
        .arg(&socket)
        .stdout(Stdio::null())
        .spawn();
    let _agent = Agent(agent.expect("ssh-agent"));
    for _ in 0..500 {
        if socket.exists() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    tell(&mut signing()).fails(1, ["the agent does not sign with SHA256:"]);
    run_well(
        sandbox
            .command("ssh-add")
            .args(["-q", "key"])
            .env("SSH_AUTH_SOCK", &socket),
    );
    run_well(&mut signing());
    tell(&mut unpack(sandbox, &["b.tar.zst", "--trust", "key.pub"])).prints("");
    let with_agent = std::fs::read(sandbox.path("work/b.tar.zst")).expect("a bundle");
    run_well(&mut pack(sandbox, &["--sign", "key"]));
    let with_file = std::fs::read(sandbox.path("work/b.tar.zst")).expect("a bundle");
    assert!(with_agent == with_file, "Ed25519 gives one signature only");
}

fn unfit_keys(sandbox: &Sandbox) {
    keygen(sandbox, "rsa", &["-t", "rsa", "-b", "2048", "-N", ""]);
    keygen(sandbox, "locked", &["-t", "ed25519", "-N", "sesame"]);
    keygen(sandbox, "old", &["-t", "ecdsa", "-m", "PEM", "-N", ""]);
    let signing = |key: &str| tell(&mut pack(sandbox, &["--sign", key]));
    signing("rsa").fails(1, ["cannot sign with a key of kind ssh-rsa", "ssh-ed25519"]);
    signing("old").fails(1, ["`ssh-keygen -p -f old` converts"]);
    let told = signing("locked");
    told.fails(1, ["key locked is protected with a passphrase", "ssh-add"]);
    assert!(!told.stderr.contains("sesame"));
}

/// The names of the files in the working folder.
fn work(sandbox: &Sandbox) -> Vec<String> {
    tree::files(&sandbox.path("work"))
}

fn a_part_that_is_damaged_is_named() {
    let sandbox = packed(&["--split", "1KiB"]);
    assert_eq!(
        work(&sandbox),
        ["b.tar.zst.001", "b.tar.zst.002", "b.tar.zst.sha256"]
    );
    run_well(
        sandbox
            .command("sha256sum")
            .args(["-c", "b.tar.zst.sha256"]),
    );
    let second = sandbox.path("work/b.tar.zst.002");
    let sound = std::fs::read(&second).expect("a part");
    for place in [0, sound.len() / 2, sound.len() - 1] {
        let mut damaged = sound.clone();
        damaged[place] ^= 1;
        std::fs::write(&second, damaged).expect("a part");
        let told = tell(&mut unpack(&sandbox, &["b.tar.zst"]));
        told.fails(
            3,
            ["b.tar.zst.002 is damaged: its SHA-256 sum is not the one in b.tar.zst.sha256"],
        );
    }
    std::fs::write(&second, &sound).expect("a part");
    tell(&mut unpack(&sandbox, &["b.tar.zst.001"])).prints("");
}

fn parts_that_are_missing_are_told_before_anything_is_read() {
    let sandbox = packed(&["--split", "500B"]);
    for part in ["b.tar.zst.001", "b.tar.zst.003"] {
        std::fs::remove_file(sandbox.path(&format!("work/{part}"))).expect("a part");
    }
    let told = tell(&mut unpack(&sandbox, &["b.tar.zst"]));
    told.fails(
        1,
        ["2 of", "parts are missing: b.tar.zst.001, b.tar.zst.003"],
    );
    assert_eq!(inside(&sandbox), Listing::new());
}

fn a_bill_of_materials_goes_beside_the_bundle() {
    let sandbox = packed(&["--sbom", "cyclonedx", "--sbom", "spdx"]);
    assert_eq!(work(&sandbox), ["b.cdx.json", "b.spdx.json", "b.tar.zst"]);
    let read = |name: &str| -> serde_json::Value {
        let text = std::fs::read(sandbox.path(&format!("work/{name}"))).expect("a bill");
        serde_json::from_slice(&text).expect("JSON")
    };
    let purls = [
        "pkg:golang/example.com/m@v1.0.0",
        "pkg:golang/example.com/m@v1.1.0",
    ];
    for (number, purl) in purls.iter().enumerate() {
        assert_eq!(read("b.cdx.json")["components"][number]["purl"], *purl);
        let package = &read("b.spdx.json")["packages"][number];
        assert_eq!(package["externalRefs"][0]["referenceLocator"], *purl);
    }
}

/// A zip of which no sum is recorded may be the right one: only one that is none at all makes way.
fn a_damaged_zip_gives_way_to_that_of_the_bundle() {
    let sandbox = packed(&[]);
    let unpacked = |code: i32, words: &str| {
        let told = tell(&mut unpack(&sandbox, &["b.tar.zst"]));
        assert_eq!(told.code, Some(code), "{told:#?}");
        told.mentions([words]);
    };
    unpacked(0, "added 2, already there 0\n");
    let whole = inside(&sandbox);
    let file = |name: &str| {
        let versions = sandbox.path("inside/cache/download/example.com/m/@v");
        versions.join(name)
    };
    let zip = file("v1.0.0.zip");
    let sound = std::fs::read(&zip).expect("a zip");
    let other = std::fs::read(file("v1.1.0.zip")).expect("a zip");
    let mut flipped = sound.clone();
    flipped[65] ^= 1;
    let no_zip = vec![0; sound.len()];
    for (damaged, recorded) in [
        (&flipped, true),
        (&no_zip, true),
        (&other, true),
        (&no_zip, false),
    ] {
        std::fs::write(&zip, damaged).expect("damaged");
        if !recorded {
            std::fs::remove_file(file("v1.0.0.ziphash")).expect("gone");
        }
        unpacked(0, "added 1, already there 1\n");
        assert_eq!(tree::difference(&whole, &inside(&sandbox)), "");
        unpacked(0, "added 0, already there 2\n");
    }
    std::fs::write(&zip, &other).expect("another zip");
    std::fs::remove_file(file("v1.0.0.ziphash")).expect("gone");
    unpacked(
        3,
        "the cache has other content than the bundle, and keeps it\n",
    );
    assert_eq!(std::fs::read(&zip).expect("a zip"), other);
}

const VERSIONS: u32 = 20;

/// A repository with this many small versions.
fn many_versions() -> Mirror {
    let lines = "// A line that makes a file a bit longer.\n".repeat(40);
    (0..VERSIONS).fold(Mirror::new().go_mod("example.com/m"), |mirror, number| {
        let content =
            format!("package m\n\n// Number is a number.\nconst Number = {number}\n{lines}");
        mirror
            .file("m.go", content.clone())
            .file("p/p.go", content.replace("package m", "package p"))
            .release(&format!("v1.{number}.0"))
    })
}

fn unpacking_can_be_killed_at_any_moment() {
    let sandbox = Sandbox::new();
    many_versions().build(&sandbox.path("m.git"));
    let requests: Vec<String> = (0..VERSIONS)
        .map(|number| format!("example.com/m@v1.{number}.0"))
        .collect();
    let requests: Vec<&str> = requests.iter().map(String::as_str).collect();
    let sums = run_well(&mut sample::fetch(&sandbox, &requests)).stdout;
    run_well(&mut pack(&sandbox, &[]));
    let unpack = || unpack(&sandbox, &["b.tar.zst"]);
    let (mut kills, _) = Kills::of(&mut unpack());
    let whole = inside(&sandbox);
    for _ in 0..200 {
        remove_inside(&sandbox);
        let moment = kills.kill(&mut unpack());
        assert_nothing_half(&whole, &inside(&sandbox), moment);
        let told: Told = tell(&mut unpack());
        assert_eq!(told.code, Some(0), "after {moment:?}: {told:#?}");
        let difference = tree::difference(&whole, &inside(&sandbox));
        assert_eq!(difference, "", "after {moment:?}");
    }
    kills.assert_many();
    go_agrees(&sandbox, &String::from_utf8_lossy(&sums));
}

fn remove_inside(sandbox: &Sandbox) {
    make_writable(&sandbox.path("inside"));
    std::fs::remove_dir_all(sandbox.path("inside")).expect("remove");
}

/// `go mod verify` in projects that need one version each: it needs no network, and finds zip and folder sound.
fn go_agrees(sandbox: &Sandbox, sums: &str) {
    let server = Server::start(sandbox);
    for number in (0..VERSIONS).step_by(7) {
        let mut go_mod = "module example.com/app\n\ngo 1.21\n\n".to_owned();
        let _ = writeln!(go_mod, "require example.com/m v1.{number}.0");
        sandbox.write("work/go.mod", go_mod);
        sandbox.write("work/go.sum", sums);
        let mut go = oracle::go(sandbox, &server, &sandbox.path("inside"));
        let told = Told::from(run(go.args(["mod", "verify"]).env("GOPROXY", "off")));
        assert_eq!(told.stdout, "all modules verified\n", "{told:#?}");
    }
}
