//! The arithmetic, against RFC 6962 computed straight from the records.

use super::super::note::{InvalidNote, VerifierKey};
use super::super::tile::Tile;
use super::super::tlog::{self, Hash, Hashes};
use super::super::tree::{Record, Tree};
use super::support::TestDatabase;
use anyhow::Result;

struct Direct(TestDatabase);

impl Hashes for Direct {
    fn read(&self, indexes: &[u64]) -> Result<Vec<Hash>> {
        let hash = |&at: &u64| {
            let (level, place) = tlog::level_and_place(at);
            Hash(self.0.hash_over(place << level, (place + 1) << level))
        };
        Ok(indexes.iter().map(hash).collect())
    }
}

fn direct(size: u64) -> Direct {
    let mut database = TestDatabase::new("sum.example", 1);
    database.fill(size);
    Direct(database)
}

#[test]
fn indexes_are_one_row_without_gaps() {
    let mut indexes: Vec<u64> = (0..10_u32)
        .flat_map(|level| (0..1024_u64 >> level).map(move |place| (level, place)))
        .map(|(level, place)| {
            let at = tlog::index(level, place);
            assert_eq!(tlog::level_and_place(at), (level, place));
            at
        })
        .collect();
    indexes.sort_unstable();
    assert_eq!(indexes, (0..indexes.len() as u64).collect::<Vec<_>>());
    let far = (40, 123_u64);
    assert_eq!(tlog::level_and_place(tlog::index(far.0, far.1)), far);
}

#[test]
fn trees_and_proofs_are_those_of_the_rfc() {
    let database = direct(70);
    let root = |size: u64| Hash(database.0.hash_over(0, size));
    for new in 1..=70 {
        assert_eq!(tlog::tree_hash(new, &database).unwrap(), root(new));
        for old in 1..=new {
            let proof = tlog::consistency_proof(old, new, &database).unwrap();
            let (old, new) = ((old, root(old)), (new, root(new)));
            assert!(tlog::is_consistent(&proof, new, old), "{old:?} {new:?}");
            let wrong = (old.0, Hash::of_record(b"wrong"));
            assert!(!tlog::is_consistent(&proof, new, wrong));
            let mut longer = proof.clone();
            longer.push(Hash::EMPTY);
            assert!(!tlog::is_consistent(&longer, new, old));
            if let Some((_, shorter)) = proof.split_last() {
                assert!(!tlog::is_consistent(shorter, new, old));
            }
        }
    }
    assert!(tlog::consistency_proof(0, 5, &database).is_err());
    assert!(tlog::consistency_proof(6, 5, &database).is_err());
}

#[test]
fn tiles_have_the_paths_and_hashes_of_the_tiling() {
    for (tile, path) in [
        ((0, 0, 256), "tile/8/0/000"),
        ((0, 1_234_067, 1), "tile/8/0/x001/x234/067.p/1"),
        ((3, 5000, 255), "tile/8/3/x005/000.p/255"),
    ] {
        let (level, place, width) = tile;
        assert_eq!(
            Tile {
                level,
                place,
                width
            }
            .path(),
            path
        );
    }
    let database = direct(700);
    for size in [1, 255, 256, 257, 512, 700] {
        database.0.show(size);
        for at in 0..tlog::index(0, size) {
            let (level, place) = tlog::level_and_place(at);
            let tile = Tile::of_index(at, size).unwrap();
            let content = database.0.tile(tile.level, tile.place, tile.width).unwrap();
            let expected = database.0.hash_over(place << level, (place + 1) << level);
            assert_eq!(tile.hash_at(&content, at).unwrap(), Hash(expected));
            assert!(tile.hash_at(&content, at + 2000).is_err());
        }
    }
}

#[test]
fn a_note_counts_when_its_key_has_signed_it() {
    let database = TestDatabase::new("sum.example", 1);
    let key: VerifierKey = database.verifier_key().parse().unwrap();
    assert_eq!(key.to_string(), database.verifier_key());
    let other = TestDatabase::new("other.example", 2);
    let note = database.sign_as("sum.example", "text\nmore\n");
    let (_, signature) = note.split_once("\n\n").unwrap();
    let (_, stranger) = other
        .sign_as("other.example", "x\n")
        .split_once("\n\n")
        .map_or_else(
            || unreachable!("a note"),
            |(text, signature)| (text.to_owned(), signature.to_owned()),
        );
    let opened = |note: &str| key.open(note.as_bytes()).map(str::to_owned);
    let text = Ok("text\nmore\n".to_owned());
    let wrong = Err(InvalidNote::Signature(key.to_string()[..20].to_owned()));
    for (note, expected) in [
        (note.clone(), text.clone()),
        (format!("text\nmore\n\n{stranger}{signature}"), text.clone()),
        (
            format!("text\nmore\n\n{signature}{signature}{stranger}"),
            text,
        ),
        (format!("text\n\n{signature}"), wrong.clone()),
        (note.replace("more", "else"), wrong),
        (format!("text\n\n{stranger}"), Err(InvalidNote::Unverified)),
        (
            database.sign_as("else.example", "text\n"),
            Err(InvalidNote::Unverified),
        ),
        (String::new(), Err(InvalidNote::Malformed)),
        ("text\n".to_owned(), Err(InvalidNote::Malformed)),
        ("text\n\n".to_owned(), Err(InvalidNote::Malformed)),
        (note.trim_end().to_owned(), Err(InvalidNote::Malformed)),
        (note.replace("text", "te\txt"), Err(InvalidNote::Malformed)),
        (format!("{note}\n"), Err(InvalidNote::Malformed)),
        (note.replace('—', "-"), Err(InvalidNote::Malformed)),
        (
            format!("{note}— sum.example AAAA\n"),
            Err(InvalidNote::Malformed),
        ),
        (
            format!("text\n\n{}{signature}", stranger.repeat(100)),
            Err(InvalidNote::Malformed),
        ),
    ] {
        assert_eq!(opened(&note), expected, "{note}");
    }
    assert_eq!(key.open(b"text\xff\n\n"), Err(InvalidNote::Malformed));
}

#[test]
fn answers_are_read_as_go_reads_them() {
    let parsed = |answer: &str| {
        let record = Record::parse(answer.as_bytes());
        record.map(|record| (record.number, record.text.to_owned(), record.note.to_vec()))
    };
    let some = |number, text: &str, note: &str| Some((number, text.to_owned(), note.into()));
    for (answer, expected) in [
        ("5\na b c\n\nnote\n", some(5, "a b c\n", "note\n")),
        ("5\na\nb\n\n\nx", some(5, "a\nb\n", "\nx")),
        ("5\n\n\nx", some(5, "\n", "x")),
        ("+5\na\n\n", some(5, "a\n", "")),
        ("-5\na\n\n", None),
        ("x\na\n\n", None),
        ("\na\n\n", None),
        ("5\na\n", None),
        ("5\na\tb\n\n", None),
        ("99999999999999999999\na\n\n", None),
        ("", None),
    ] {
        assert_eq!(parsed(answer), expected, "{answer:?}");
    }
    let hash = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=";
    let head = "go.sum database tree\n";
    for (text, expected) in [
        (format!("{head}7\n{hash}\n"), Some(7)),
        (format!("{head}7\n{hash}\nmore\nlines\n"), Some(7)),
        (format!("{head}07\n{hash}\n"), None),
        (format!("{head}-7\n{hash}\n"), None),
        (format!("{head}7\n{hash}"), None),
        (format!("{head}7\n{}\n", &hash[..40]), None),
        (format!("go.sum database tree v2\n7\n{hash}\n"), None),
        (format!("{head}7\n{hash}\n{}", "x".repeat(1_000_000)), None),
    ] {
        let tree = Tree::parse(&text);
        assert_eq!(tree.map(|tree| tree.size), expected, "{:.60}", text);
        assert!(tree.is_none_or(|tree| tree.hash == Hash::EMPTY));
    }
}
