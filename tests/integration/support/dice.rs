//! Dice that fall the same way on every run.

use std::ops::Range;

/// Tells which throws are wanted: `GOMODCACHE_RANDOM_CASES` is `500` or `1000..1500`, 40 if it is not set.
pub(crate) fn numbers() -> Range<u64> {
    let wanted = std::env::var("GOMODCACHE_RANDOM_CASES").unwrap_or_else(|_| "40".to_owned());
    let (first, end) = wanted.split_once("..").unwrap_or(("0", &wanted));
    let number = |text: &str| {
        text.parse::<u64>()
            .expect("GOMODCACHE_RANDOM_CASES is a number")
    };
    number(first)..number(end)
}

/// A small generator of numbers (splitmix64): the cases must be the same everywhere.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    pub(crate) fn throw(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut number = self.0;
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let sides = u64::try_from(sides).expect("a few sides");
        usize::try_from((number ^ (number >> 31)) % sides).expect("a small number")
    }

    /// Bytes that nothing compresses.
    pub(crate) fn noise(&mut self, length: usize) -> Vec<u8> {
        let byte = |number| u8::try_from(number).expect("a byte");
        (0..length).map(|_| byte(self.throw(256))).collect()
    }

    pub(crate) fn one_of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.throw(choices.len())]
    }
}
