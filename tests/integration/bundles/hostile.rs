//! Bundles that somebody has made to do harm, or that came to harm: each is refused, and nothing of it is left.

mod contents;
mod databases;
mod manifests;

use super::builder::{Bundle, Entry, FILES, MODULE, compressed, h1};
use crate::support::kill::assert_nothing_half;
use crate::support::sandbox::{Sandbox, Told, tell};
use crate::support::tests;
use crate::support::tree::{self, Origin};
use libtest_mimic::Trial;
use serde_json::json;
use std::process::Command;
use std::time::Duration;
use tar::EntryType;

/// The tests of this group: one for each bundle, and some that need more.
pub(crate) fn trials() -> Vec<Trial> {
    let cases = [
        entries(),
        extended_headers(),
        manifests::cases(),
        contents::versions(),
        contents::zips(),
        databases::cases(),
        frames(),
    ];
    let cases = cases.into_iter().flatten().map(Case::trial);
    let mut trials: Vec<Trial> = cases.collect();
    trials.extend(databases::trials());
    trials.extend(tests!("hostile":
        a_sound_bundle_is_taken,
        a_go_mod_with_another_path_is_taken_as_go_takes_it,
        a_bundle_that_ends_anywhere_leaves_nothing_half,
        what_follows_the_end_is_refused,
    ));
    trials
}

/// A bundle that must be refused.
struct Case {
    name: &'static str,
    code: i32,
    /// What the error has to say.
    words: &'static [&'static str],
    bytes: fn() -> Vec<u8>,
}

/// Refused with exit code 1.
fn case(name: &'static str, words: &'static [&'static str], bytes: fn() -> Vec<u8>) -> Case {
    Case {
        name,
        code: 1,
        words,
        bytes,
    }
}

/// Refused with exit code 3: content is not what was recorded.
fn differs(name: &'static str, words: &'static [&'static str], bytes: fn() -> Vec<u8>) -> Case {
    Case {
        name,
        code: 3,
        words,
        bytes,
    }
}

impl Case {
    fn trial(self) -> Trial {
        let name = format!("hostile::{}", self.name.replace(' ', "_"));
        Trial::test(name, move || {
            let sandbox = Sandbox::new();
            let told = unpack(&sandbox, &(self.bytes)());
            assert_eq!(told.code, Some(self.code), "{told:#?}");
            for word in self.words {
                assert!(told.stderr.contains(word), "no `{word}` in {told:#?}");
            }
            assert_eq!(left(&sandbox), [""; 0], "{told:#?}");
            Ok(())
        })
    }
}

fn unpack(sandbox: &Sandbox, bundle: &[u8]) -> Told {
    unpack_with(sandbox, bundle, |_| ())
}

fn unpack_with(sandbox: &Sandbox, bundle: &[u8], prepare: impl FnOnce(&mut Command)) -> Told {
    sandbox.write("bundle/b.tar.zst", bundle);
    let mut command = sandbox.gomodcache();
    command.args(["unpack", "../bundle/b.tar.zst", "--modcache"]);
    command.arg(sandbox.path("modcache"));
    prepare(&mut command);
    tell(&mut command)
}

/// The files in the whole sandbox that were not there before.
fn left(sandbox: &Sandbox) -> Vec<String> {
    let mut files = tree::files(&sandbox.path("."));
    files.retain(|name| !name.starts_with("bundle/") && name != "home/.config/go/telemetry/mode");
    files
}

/// A sound bundle, changed.
fn changed(change: impl FnOnce(&mut Bundle)) -> Vec<u8> {
    let mut bundle = Bundle::sound();
    change(&mut bundle);
    bundle.bytes()
}

/// A sound bundle with another entry in front of the first file.
fn with_entry(entry: Entry) -> Vec<u8> {
    changed(|bundle| bundle.entries.insert(0, entry))
}

fn entries() -> Vec<Case> {
    vec![
        case("an entry that leads out", &["\"../../evil\" comes"], || {
            changed(|bundle| bundle.entries[0].rename("../../evil"))
        }),
        case(
            "an entry with an absolute name",
            &["\"/etc/evil\" comes"],
            || changed(|bundle| bundle.entries[0].rename("/etc/evil")),
        ),
        case(
            "an entry whose name is not escaped",
            &["/M/@v/v1.0.0.info\" comes"],
            || {
                changed(|bundle| {
                    bundle.entries[0].rename("cache/download/example.com/M/@v/v1.0.0.info")
                })
            },
        ),
        case(
            "a symbolic link",
            &["\"link\" is no plain file but of type '2'"],
            || with_entry(Entry::of_kind("link", EntryType::Symlink, b"")),
        ),
        case(
            "a hard link",
            &["\"link\" is no plain file but of type '1'"],
            || with_entry(Entry::of_kind("link", EntryType::Link, b"")),
        ),
        case(
            "a link in place of a file",
            &["v1.0.0.info\" is no plain file but of type '2'"],
            || {
                changed(|bundle| {
                    let header = &mut bundle.entries[0].header;
                    header.set_entry_type(EntryType::Symlink);
                    header.set_cksum();
                })
            },
        ),
        case(
            "a character device",
            &["\"tty\" is no plain file but of type '3'"],
            || with_entry(Entry::of_kind("tty", EntryType::Char, b"")),
        ),
        case(
            "a block device",
            &["\"sda\" is no plain file but of type '4'"],
            || with_entry(Entry::of_kind("sda", EntryType::Block, b"")),
        ),
        case(
            "a folder",
            &["\"cache\" is no plain file but of type '5'"],
            || with_entry(Entry::of_kind("cache", EntryType::Directory, b"")),
        ),
        case(
            "a pipe",
            &["\"pipe\" is no plain file but of type '6'"],
            || with_entry(Entry::of_kind("pipe", EntryType::Fifo, b"")),
        ),
        case(
            "a sparse file",
            &["\"holes\" is no plain file but of type 'S'"],
            || with_entry(Entry::of_kind("holes", EntryType::GNUSparse, b"")),
        ),
        case(
            "a long name as GNU has it",
            &["is no plain file but of type 'L'"],
            || {
                with_entry(Entry::of_kind(
                    "././@LongLink",
                    EntryType::GNULongName,
                    b"evil",
                ))
            },
        ),
        case(
            "an entry twice",
            &["v1.0.0.mod is expected, and", "v1.0.0.info\" comes"],
            || changed(|bundle| bundle.entries.insert(1, bundle.entries[0].clone())),
        ),
        case(
            "entries out of order",
            &["v1.0.0.info is expected, and", "v1.0.0.mod\" comes"],
            || changed(|bundle| bundle.entries.swap(0, 1)),
        ),
        case(
            "an entry that is missing",
            &["v1.0.0.ziphash is expected, and", ".zip\" comes"],
            || changed(|bundle| drop(bundle.entries.remove(2))),
        ),
        case("no entry at all", &["it ends with the manifest"], || {
            changed(|bundle| bundle.entries.clear())
        }),
        case(
            "an entry with another size",
            &["v1.0.0.mod has 5 bytes, and not 21"],
            || changed(|bundle| bundle.entries[1] = Entry::new(&format!("{FILES}.mod"), "short")),
        ),
        case(
            "a size that is no number",
            &["a header has a malformed size"],
            || {
                changed(|bundle| {
                    let header = &mut bundle.entries[1].header;
                    header.as_old_mut().size = *b"12x45678901\0";
                    header.set_cksum();
                })
            },
        ),
        case(
            "a size beyond all limits",
            &["18446744073709551615 bytes, and not 21"],
            || {
                changed(|bundle| {
                    bundle.entries[1].header.set_size(u64::MAX);
                    bundle.entries[1].header.set_cksum();
                })
            },
        ),
        case(
            "a header with a wrong checksum",
            &["a header has a wrong checksum"],
            || changed(|bundle| bundle.entries[1].header.set_size(22)),
        ),
        differs(
            "an entry with other content",
            &["v1.0.0.zip", "another SHA-256 sum"],
            || changed(|bundle| bundle.entries[3].content[40] ^= 1),
        ),
    ]
}

fn extended_headers() -> Vec<Case> {
    const LOCAL: EntryType = EntryType::XHeader;
    vec![
        case(
            "an extended header that leads out",
            &["\"/etc/evil\" comes"],
            || with_entry(Entry::extension(LOCAL, &[("path", "/etc/evil")])),
        ),
        case(
            "an extended header with a size",
            &["an extended header has \"size\""],
            || {
                with_entry(Entry::extension(
                    LOCAL,
                    &[("path", "a"), ("size", "9999999999")],
                ))
            },
        ),
        case(
            "an extended header with a link",
            &["an extended header has \"linkpath\""],
            || with_entry(Entry::extension(LOCAL, &[("linkpath", "/etc/passwd")])),
        ),
        case(
            "an extended header for sparse files",
            &["has \"GNU.sparse.major\""],
            || with_entry(Entry::extension(LOCAL, &[("GNU.sparse.major", "1")])),
        ),
        case(
            "an extended header with two paths",
            &["an extended header has \"path\""],
            || with_entry(Entry::extension(LOCAL, &[("path", "a"), ("path", "b")])),
        ),
        case(
            "an empty extended header",
            &["an extended header has no path"],
            || with_entry(Entry::extension(LOCAL, &[])),
        ),
        case(
            "a malformed extended header",
            &["an extended header is malformed"],
            || with_entry(Entry::of_kind("x", LOCAL, b"99 path=a\n")),
        ),
        case(
            "an endless extended header",
            &["an extended header has 1000000 bytes"],
            || with_entry(Entry::of_kind("x", LOCAL, &[b'1'; 1_000_000])),
        ),
        case(
            "two extended headers",
            &["is no plain file but of type 'x'"],
            || {
                changed(|bundle| {
                    let extension = Entry::extension(LOCAL, &[("path", "a")]);
                    bundle.entries.insert(0, extension.clone());
                    bundle.entries.insert(0, extension);
                })
            },
        ),
        case(
            "a global extended header",
            &["is no plain file but of type 'g'"],
            || {
                with_entry(Entry::extension(
                    EntryType::XGlobalHeader,
                    &[("path", "evil")],
                ))
            },
        ),
    ]
}

fn frames() -> Vec<Case> {
    vec![
        case(
            "an empty file",
            &["the bundle is damaged, or not one: it ends too early"],
            Vec::new,
        ),
        case("no zstd", &["bundle"], || Bundle::sound().tar()),
        case("a window larger than allowed", &["too much memory"], || {
            use zstd::stream::raw::CParameter;
            let mut encoder = zstd::Encoder::new(Vec::new(), 1).expect("zstd");
            encoder
                .set_parameter(CParameter::WindowLog(27))
                .expect("a window");
            encoder.include_contentsize(false).expect("zstd");
            std::io::copy(&mut &Bundle::sound().tar()[..], &mut encoder).expect("zstd");
            encoder.finish().expect("zstd")
        }),
        case(
            "zeros without end",
            &["it does not begin with manifest.json"],
            || compressed(&vec![0; 64 << 20]),
        ),
    ]
}

/// What a sound bundle makes of an empty cache.
fn whole() -> tree::Listing {
    let sandbox = Sandbox::new();
    let told = unpack(&sandbox, &Bundle::sound().bytes());
    assert_eq!(told.code, Some(0), "{told:#?}");
    tree::list(&sandbox.path("modcache"), Origin::Compared)
}

fn a_sound_bundle_is_taken() {
    let whole = whole();
    let folder = format!("{}@v1.0.0", MODULE.replace('M', "!m"));
    for name in [
        &format!("{folder}/m.go"),
        &format!("{FILES}.zip"),
        &format!("{FILES}.info"),
    ] {
        assert!(whole.contains_key(name), "{name} is not in {whole:#?}");
    }
}

/// The go.mod of a fork that is there to replace another module names that one.
fn a_go_mod_with_another_path_is_taken_as_go_takes_it() {
    let other = "module example.com/replaced\n";
    let mut bundle = Bundle::of_zip(&[("go.mod", other)]);
    bundle.replace(1, other);
    bundle.manifest["Modules"][0]["GoModSum"] = json!(h1(&[("go.mod", other)]));
    let sandbox = Sandbox::new();
    let told = unpack(&sandbox, &bundle.bytes());
    assert_eq!(told.code, Some(0), "{told:#?}");
}

/// Unpacks what is left of a bundle; the version is visible as a whole or not at all.
fn unpack_damaged(whole: &tree::Listing, bundle: &[u8], words: &[&str]) {
    let sandbox = Sandbox::new();
    let told = unpack(&sandbox, bundle);
    assert_eq!(told.code, Some(1), "{told:#?}");
    for word in words {
        assert!(told.stderr.contains(word), "no `{word}` in {told:#?}");
    }
    let found = tree::list(&sandbox.path("modcache"), Origin::Compared);
    assert_nothing_half(whole, &found, Duration::ZERO);
    let temporary = |name: &&String| name.ends_with(".tmp") || name.ends_with(".partial");
    assert_eq!(found.keys().find(temporary), None, "{told:#?}");
}

fn a_bundle_that_ends_anywhere_leaves_nothing_half() {
    let whole = whole();
    let tar = Bundle::sound().tar();
    let end = tar.len() - 1024;
    for length in (0..end)
        .step_by(512)
        .flat_map(|length| [length, length + 100])
    {
        unpack_damaged(&whole, &compressed(&tar[..length]), &["damaged", "it ends"]);
    }
    let frame = Bundle::sound().bytes();
    for length in (1..frame.len()).step_by(frame.len() / 16) {
        unpack_damaged(&whole, &frame[..length], &["bundle"]);
    }
}

fn what_follows_the_end_is_refused() {
    let whole = whole();
    let sound = Bundle::sound();
    let evil = Entry::new("evil", "evil");
    let mut more = sound.clone();
    more.entries.push(evil.clone());
    unpack_damaged(&whole, &more.bytes(), &["\"evil\" is not in the manifest"]);
    let mut after_the_end = sound.tar();
    after_the_end.extend(evil.header.as_bytes());
    unpack_damaged(
        &whole,
        &compressed(&after_the_end),
        &["something follows its end"],
    );
    let zeros = [sound.tar(), vec![0; 64 << 20]].concat();
    unpack_damaged(&whole, &compressed(&zeros), &["something follows its end"]);
    let two_frames = [sound.bytes(), more.bytes()].concat();
    unpack_damaged(&whole, &two_frames, &["something follows its end"]);
    let garbage = [&sound.bytes()[..], b"garbage"].concat();
    unpack_damaged(&whole, &garbage, &["stopped reading"]);
}
