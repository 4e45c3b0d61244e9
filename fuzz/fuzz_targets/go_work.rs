//! The go.work parser takes any bytes, and every fault that it reports has a place in the file.
#![no_main]

use gomodcache::gomod;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Err(error) = gomod::parse_work("go.work", data) {
        assert!(!error.problems.is_empty());
        let lines = data.split(|byte| *byte == b'\n').count();
        for problem in error.problems {
            assert!((1..=lines).contains(&problem.line), "{problem}");
            assert!((1..=data.len() + 1).contains(&problem.column), "{problem}");
            assert!(!problem.message.is_empty());
        }
    }
});
