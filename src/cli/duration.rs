//! Lengths of time as people write them.

use std::str::FromStr;
use std::time::Duration;

use anyhow::{Result, bail};

/// A length of time, as options take it: `90d`, `12h`, `2w`, `30m`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Age(pub(super) Duration);

impl FromStr for Age {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Age> {
        let digits = text.bytes().take_while(u8::is_ascii_digit).count();
        let (number, unit) = text.split_at(digits);
        let seconds = match unit {
            "s" => 1,
            "m" => 60,
            "h" => 3600,
            "d" => 86_400,
            "w" => 7 * 86_400,
            _ => bail!("`{text}` is no length of time: write 90d, 12h, 2w or 30m"),
        };
        match number
            .parse()
            .ok()
            .and_then(|number: u64| number.checked_mul(seconds))
        {
            Some(seconds) => Ok(Age(Duration::from_secs(seconds))),
            None => bail!("`{text}` is no length of time: write 90d, 12h, 2w or 30m"),
        }
    }
}

/// Writes a length of time in its largest unit.
pub(super) fn length(duration: Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3600 => format!("{}m", seconds / 60),
        3600..86_400 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_of_time_is_a_number_and_a_unit() {
        for (text, seconds) in [
            ("90d", 7_776_000),
            ("12h", 43_200),
            ("2w", 1_209_600),
            ("0s", 0),
        ] {
            assert_eq!(text.parse::<Age>().unwrap().0.as_secs(), seconds, "{text}");
        }
        for text in [
            "",
            "d",
            "90",
            "90 d",
            "1y",
            "-1d",
            "99999999999999999999d",
            "1.5h",
        ] {
            assert!(text.parse::<Age>().is_err(), "{text}");
        }
        assert_eq!(length(Duration::from_secs(86_400 * 3 + 5)), "3d");
    }
}
