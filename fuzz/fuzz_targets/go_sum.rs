//! The go.sum parser takes any bytes; what it renders reads the same again, and every sum that it took is found.
#![no_main]

use gomodcache::checksum::{GoSum, Verdict};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(sums) = GoSum::parse("go.sum", data) else {
        return;
    };
    let text = sums.to_string();
    let again = GoSum::parse("go.sum", text.as_bytes()).expect("what was rendered can be read");
    assert_eq!(again.to_string(), text);
    for (path, version) in sums.entries() {
        let recorded = sums.lookup(path, version);
        let first = recorded.first().expect("an entry has a sum");
        assert_eq!(sums.check(path, version, first), Verdict::Match);
        assert_ne!(sums.check(path, version, "h1: "), Verdict::Match);
        assert!(
            recorded
                .iter()
                .all(|sum| again.lookup(path, version).contains(sum))
        );
    }
});
