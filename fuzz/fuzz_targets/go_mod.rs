//! The go.mod parser takes any bytes, and lax reading refuses nothing that strict reading takes.
#![no_main]

use gomodcache::gomod;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let strict = gomod::parse("go.mod", data);
    let lax = gomod::parse_lax("go.mod", data);
    if let (Ok(strict), Ok(lax)) = (&strict, &lax) {
        assert_eq!(strict.module, lax.module);
        assert_eq!(strict.require, lax.require);
    }
    assert!(strict.is_err() || lax.is_ok());
    let _ = gomod::module_path(data);
});
