//! The go.work parser takes any bytes.
#![no_main]

use gomodcache::gomod;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _ = gomod::parse_work("go.work", data);
});
