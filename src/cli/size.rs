//! Sizes as people write them.

use std::str::FromStr;

use anyhow::{Result, bail};

/// A number of bytes, as options take it: `700MB`, `4GiB`, `64k`, `1048576`.
///
/// The units mean what they mean to `split`, `head` and `truncate` of the GNU coreutils: `kB`, `MB`, `GB` and `TB`
/// are powers of 1000, `KiB`, `MiB`, `GiB` and `TiB` powers of 1024, and so are the letters alone. Case does not
/// matter. Nothing is rounded, so there are no fractions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ByteSize(pub u64);

impl FromStr for ByteSize {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<ByteSize> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let Some(unit) = bytes_of(unit.trim_start()) else {
            bail!(
                "`{text}` is no size: write a whole number and a unit, such as 700MB, 4GiB or 64k"
            );
        };
        let size = number
            .parse()
            .ok()
            .and_then(|number: u64| number.checked_mul(unit));
        match size {
            Some(size) => Ok(ByteSize(size)),
            None if number.is_empty() => {
                bail!("`{text}` is no size: there is no number before the unit")
            }
            None => bail!("`{text}` is more than {} bytes", u64::MAX),
        }
    }
}

fn bytes_of(unit: &str) -> Option<u64> {
    let unit = unit.to_ascii_lowercase();
    let (letter, base) = if unit.is_empty() || unit == "b" {
        return Some(1);
    } else if let Some(letter) = unit.strip_suffix("ib") {
        (letter, 1024_u64)
    } else if let Some(letter) = unit.strip_suffix('b') {
        (letter, 1000)
    } else {
        (unit.as_str(), 1024)
    };
    let power = 1 + ["k", "m", "g", "t"]
        .iter()
        .position(|known| *known == letter)?;
    base.checked_pow(u32::try_from(power).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_mean_what_they_mean_to_split() {
        for (text, bytes) in [
            ("0", 0),
            ("1", 1),
            ("12B", 12),
            ("3k", 3 << 10),
            ("3K", 3 << 10),
            ("3kB", 3000),
            ("3KiB", 3 << 10),
            ("700MB", 700_000_000),
            ("700 MB", 700_000_000),
            ("7M", 7 << 20),
            ("7mib", 7 << 20),
            ("4GB", 4_000_000_000),
            ("4G", 4 << 30),
            ("4GiB", 4 << 30),
            ("2T", 2 << 40),
        ] {
            assert_eq!(text.parse::<ByteSize>().unwrap().0, bytes, "{text}");
        }
    }

    #[test]
    fn what_is_no_size_is_told() {
        for (text, reason) in [
            ("", "`` is no size: there is no number before the unit"),
            ("GB", "`GB` is no size: there is no number before the unit"),
            (
                "99999999T",
                "`99999999T` is more than 18446744073709551615 bytes",
            ),
        ] {
            assert_eq!(text.parse::<ByteSize>().unwrap_err().to_string(), reason);
        }
        for text in ["-1", "1.5GB", "4 G B", "4iB", "1e3", "4GBit", "4PB"] {
            let reason = text.parse::<ByteSize>().unwrap_err().to_string();
            assert!(reason.ends_with("such as 700MB, 4GiB or 64k"), "{reason}");
        }
    }
}
