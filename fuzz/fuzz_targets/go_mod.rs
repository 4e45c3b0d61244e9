//! The go.mod parser takes any bytes; lax reading refuses nothing that strict reading takes, and both find the
//! same in it. Every fault that is reported has a place in the file.
#![no_main]

use gomodcache::gomod::{self, SyntaxError};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let strict = gomod::parse("go.mod", data);
    let lax = gomod::parse_lax("go.mod", data);
    for error in [&strict, &lax]
        .into_iter()
        .filter_map(|it| it.as_ref().err())
    {
        check_places(error, data);
    }
    if let Ok(strict) = strict {
        let lax = lax.expect("lax reading takes what strict reading takes");
        assert_eq!(strict.module, lax.module);
        assert_eq!(strict.deprecated, lax.deprecated);
        assert_eq!(strict.go, lax.go);
        assert_eq!(strict.require, lax.require);
        assert_eq!(strict.retract, lax.retract);
        assert_eq!(strict.ignore, lax.ignore);
    }
    let _ = gomod::module_path(data);
});

fn check_places(error: &SyntaxError, data: &[u8]) {
    assert!(!error.problems.is_empty());
    let lines = data.split(|byte| *byte == b'\n').count();
    for problem in &error.problems {
        assert!((1..=lines).contains(&problem.line), "{problem}");
        assert!((1..=data.len() + 1).contains(&problem.column), "{problem}");
        assert!(!problem.message.is_empty());
    }
}
