//! Every way in which a database can lie, and what becomes of it: an error of its kind, and nothing kept.

use std::sync::Arc;

use super::*;

/// Another history with the same key: all records from `from` on are others.
fn forked(from: u64, size: u64) -> TestDatabase {
    let mut fork = TestDatabase::new(NAME, 7);
    for number in 0..size {
        match number < from {
            true if number % 101 == 0 => {
                let path = format!("m{}.example/x", number / 101);
                fork.add_module(&path, "v1.0.0", [&zip_sum(number / 101), "h1:mod="]);
            }
            true => fork.fill(1),
            false => {
                let version = format!("v2.0.{number}");
                fork.add_module("forged.example/x", &version, ["h1:a=", "h1:b="]);
            }
        }
    }
    fork
}

fn kept_nothing(world: &World) {
    let lookups: Vec<String> = world.cached().into_keys().collect();
    let lookups = lookups.iter().filter(|name| name.starts_with("lookup/"));
    assert_eq!(lookups.count(), 0);
}

#[test]
fn a_fork_is_told_with_both_notes_and_the_proof() {
    let world = World::new(database(100));
    world.database.show(300);
    checked(&world.client(), 0).unwrap();
    let fork = Arc::new(forked(260, 505));
    let note = fork.note(505);
    let client = world.client_with({
        let fork = Arc::clone(&fork);
        move |path, _| match path.strip_prefix("lookup/m1") {
            Some(_) => Some(fork.answer_with(101, &fork.note(505)).into_bytes()),
            None => fork.answer(path),
        }
    });
    let Misbehavior::Fork {
        older,
        newer,
        implied,
        proof,
    } = misbehavior(checked(&client, 1))
    else {
        panic!("a fork");
    };
    assert_eq!((older, newer), (world.database.note(300), note.clone()));
    assert_eq!(implied, Hash(fork.hash_over(0, 300)));
    let trees = ((505, Hash(fork.hash_over(0, 505))), (300, implied));
    assert!(tlog::is_consistent(&proof, trees.0, trees.1));
    let text = format!("{:#}", checked(&client, 1).unwrap_err());
    for words in [
        "security error",
        "old database:",
        "new database:",
        "proof of misbehavior:",
    ] {
        assert!(text.contains(words), "{text}");
    }
    assert_eq!(world.known(), world.database.note(300));
    assert!(!world.files().has_record(&module(1)).unwrap());

    // The same, where the fork is the smaller tree.
    let world = World::new(database(100));
    checked(&world.client(), 0).unwrap();
    let fork = forked(50, 300);
    let client = world.client_with(move |path, answer| match path.strip_prefix("lookup/m1") {
        Some(_) => Some(fork.answer_with(101, &fork.note(300)).into_bytes()),
        None => answer,
    });
    assert!(matches!(
        misbehavior(checked(&client, 1)),
        Misbehavior::Fork { .. }
    ));
}

#[test]
fn a_tree_of_the_same_size_with_another_hash_is_a_fork() {
    let world = World::new(database(100));
    checked(&world.client(), 0).unwrap();
    let fork = forked(400, 505);
    let client = world.client_with(move |path, answer| match path.strip_prefix("lookup/m1") {
        Some(_) => Some(fork.answer_with(101, &fork.note(505)).into_bytes()),
        None => answer,
    });
    assert!(matches!(
        misbehavior(checked(&client, 1)),
        Misbehavior::Fork { .. }
    ));
}

#[test]
fn a_database_that_lost_what_it_signed_went_backwards() {
    let world = World::new(database(100));
    let known = world.path("sumdb").join(NAME);
    std::fs::create_dir_all(&known).unwrap();
    std::fs::write(known.join("latest"), world.database.note(505)).unwrap();
    world.database.show(220);
    let Misbehavior::WentBackwards { older, newer, tile } =
        misbehavior(checked(&world.client(), 0))
    else {
        panic!("backwards");
    };
    assert_eq!(
        (older, newer),
        (world.database.note(220), world.database.note(505))
    );
    assert!(tile.starts_with("tile/8/"), "{tile}");
    kept_nothing(&world);
}

#[test]
fn signatures_of_others_do_not_count() {
    let world = World::new(database(10));
    let honest = Arc::clone(&world.database);
    let stranger = TestDatabase::new("stranger.example", 8);
    let imposter = TestDatabase::new(NAME, 8);
    let text = honest.tree_text(55);
    let signed = honest.note(55);
    for (note, reason) in [
        (
            signed.replace("\n55\n", "\n54\n"),
            "invalid signature for key",
        ),
        (
            stranger.sign_as("stranger.example", &text),
            "no verifiable signatures",
        ),
        (imposter.sign_as(NAME, &text), "no verifiable signatures"),
        (
            honest.sign_as("stranger.example", &text),
            "no verifiable signatures",
        ),
    ] {
        let (honest, sent) = (Arc::clone(&honest), note.clone());
        let client = world.client_with(move |path, answer| match path.starts_with("lookup/") {
            true => Some(honest.answer_with(0, &sent).into_bytes()),
            false => answer,
        });
        match misbehavior(checked(&client, 0)) {
            Misbehavior::Signature {
                note: told,
                reason: why,
            } => {
                assert_eq!(told, note);
                assert!(why.contains(reason), "{why}");
            }
            other => panic!("{other:?}"),
        }
        kept_nothing(&world);
        assert_eq!(world.known(), "");
    }
}

#[test]
fn a_tile_that_does_not_fit_is_refused() {
    for (bad, change) in [
        ("tile/8/0/000", (|tile| tile[40] ^= 1) as fn(&mut Vec<u8>)),
        ("tile/8/0/001.p/249", |tile| tile[0] ^= 0x80),
        ("tile/8/1/000.p/1", |tile| tile.reverse()),
        ("tile/8/0/000", |tile| tile.truncate(100)),
        ("tile/8/0/001.p/249", |tile| tile.truncate(248 * 32)),
        ("tile/8/0/001.p/249", Vec::clear),
        ("tile/8/1/000.p/1", |tile| tile.extend([0; 32])),
    ] {
        let world = World::new(database(100));
        let client = world.client_with(move |path, answer| {
            answer.map(|mut answer| {
                if path == bad {
                    change(&mut answer);
                }
                answer
            })
        });
        let Misbehavior::Tile { note, .. } = misbehavior(checked(&client, 0)) else {
            panic!("a tile");
        };
        assert_eq!(note, world.database.note(505));
        let cached: Vec<String> = world.cached().into_keys().collect();
        assert_eq!(cached, ["latest"], "no tile that is not proven");
    }
}

#[test]
fn a_record_that_is_not_in_the_tree_is_refused() {
    let world = World::new(database(10));
    let honest = Arc::clone(&world.database);
    let answer = honest.answer_with(0, &honest.note(55));
    for (sent, is_security) in [
        (answer.replace("h1:zip0=", "h1:forged="), true),
        (answer.replacen("0\n", "1\n", 1), true),
        (answer.replacen("0\n", "55\n", 1), false),
        (answer.replacen("0\n", "9000000000000000000\n", 1), false),
        (answer.replacen("\n\n", "\n", 1), false),
        ("<html>sign in</html>".to_owned(), false),
        (String::new(), false),
    ] {
        let body = sent.clone();
        let client = world.client_with(move |path, answer| match path.starts_with("lookup/") {
            true => Some(body.clone().into_bytes()),
            false => answer,
        });
        let error = checked(&client, 0).unwrap_err();
        let found = error.chain().any(|cause| cause.is::<SecurityError>());
        assert_eq!(found, is_security, "{sent}: {error:#}");
        kept_nothing(&world);
    }
}

#[test]
fn the_record_of_another_module_says_nothing() {
    let world = World::new(database(10));
    let honest = Arc::clone(&world.database);
    let client = world.client_with(move |path, answer| match path.starts_with("lookup/") {
        true => Some(honest.answer_with(11, &honest.note(55)).into_bytes()),
        false => answer,
    });
    let error = checked(&client, 0).unwrap_err();
    assert!(error.is::<Unlisted>(), "{error:?}");
}

#[test]
fn huge_answers_and_trees_end_early() {
    let world = World::new(database(10));
    let honest = Arc::clone(&world.database);
    let client = world.client_with(|path, answer| match path.starts_with("tile/") {
        true => Some(vec![0; 1 << 24]),
        false => answer,
    });
    let text = format!("{:#}", checked(&client, 0).unwrap_err());
    assert!(text.contains("larger than 8192 bytes"), "{text}");
    for size in ["9223372036854775807", "1000000000000000", "100000000000000"] {
        let text = honest
            .tree_text(55)
            .replace("\n55\n", &format!("\n{size}\n"));
        let answer = honest.answer_with(0, &honest.sign_as(NAME, &text));
        let client = world.client_with(move |path, _| {
            path.starts_with("lookup/")
                .then(|| answer.clone().into_bytes())
        });
        assert!(checked(&client, 0).is_err(), "{size}");
        kept_nothing(&world);
    }
}

#[test]
fn a_tree_note_on_disk_is_not_trusted_either() {
    let world = World::new(database(10));
    let known = world.path("sumdb").join(NAME);
    std::fs::create_dir_all(&known).unwrap();
    let forged = TestDatabase::new(NAME, 9).sign_as(NAME, &world.database.tree_text(55));
    std::fs::write(known.join("latest"), forged).unwrap();
    assert!(matches!(
        misbehavior(checked(&world.client(), 0)),
        Misbehavior::Signature { .. }
    ));
    std::fs::write(known.join("latest"), "garbage").unwrap();
    let text = format!("{:#}", checked(&world.client(), 0).unwrap_err());
    assert!(text.contains("latest: malformed note"), "{text}");
    assert_eq!(world.known(), "garbage", "left for somebody to look at");
}
