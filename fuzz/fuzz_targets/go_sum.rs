//! The go.sum parser takes any bytes, and what it renders reads the same again.
#![no_main]

use gomodcache::checksum::GoSum;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(sums) = GoSum::parse("go.sum", data) {
        let text = sums.to_string();
        let again = GoSum::parse("go.sum", text.as_bytes()).expect("what was rendered can be read");
        assert_eq!(again.to_string(), text);
    }
});
