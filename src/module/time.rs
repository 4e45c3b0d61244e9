//! Commit times, in seconds since 1970 in UTC, as text.

const SECONDS_PER_DAY: i64 = 86_400;

/// A moment on the calendar (proleptic Gregorian, UTC).
struct Civil {
    year: i64,
    month: i64,
    day: i64,
    second_of_day: i64,
}

/// Gives a moment as RFC 3339 has it in an `.info` file: `2017-12-14T13:08:43Z`.
///
/// Years before 0 and after 9999 come out as Go's `Time.Format` writes them, in as many digits as it
/// takes; note that `Time.MarshalJSON` refuses them.
pub fn rfc3339(unix_seconds: i64) -> String {
    let civil = Civil::from_unix(unix_seconds);
    let (hour, minute, second) = civil.clock();
    let (year, month, day) = (civil.year_text(), civil.month, civil.day);
    format!("{year}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Gives a moment as a pseudo-version has it: `20171214130843`.
pub(super) fn compact(unix_seconds: i64) -> String {
    let civil = Civil::from_unix(unix_seconds);
    let (hour, minute, second) = civil.clock();
    let (year, month, day) = (civil.year_text(), civil.month, civil.day);
    format!("{year}{month:02}{day:02}{hour:02}{minute:02}{second:02}")
}

/// Reads the 14 digits of a pseudo-version; `None` where they are no moment on the calendar.
pub(super) fn parse_compact(text: &str) -> Option<i64> {
    if text.len() != 14 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let field = |from: usize, to: usize| text.get(from..to)?.parse::<i64>().ok();
    let (year, month, day) = (field(0, 4)?, field(4, 6)?, field(6, 8)?);
    let (hour, minute, second) = (field(8, 10)?, field(10, 12)?, field(12, 14)?);
    let is_moment = (1..=12).contains(&month)
        && (1..=days_in_month(year, month)).contains(&day)
        && hour < 24
        && minute < 60
        && second < 60;
    is_moment.then(|| {
        days_from_civil(year, month, day) * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second
    })
}

impl Civil {
    fn from_unix(unix_seconds: i64) -> Self {
        let (year, month, day) = civil_from_days(unix_seconds.div_euclid(SECONDS_PER_DAY));
        let second_of_day = unix_seconds.rem_euclid(SECONDS_PER_DAY);
        Civil {
            year,
            month,
            day,
            second_of_day,
        }
    }

    fn clock(&self) -> (i64, i64, i64) {
        let second = self.second_of_day;
        (second / 3600, second / 60 % 60, second % 60)
    }

    fn year_text(&self) -> String {
        let sign = if self.year < 0 { "-" } else { "" };
        format!("{sign}{:04}", self.year.unsigned_abs())
    }
}

// The calendar repeats every 400 years, which have 146,097 days. Counting years from March puts the leap
// day last, so that the months before it always begin on the same day of the year: (153 m + 2) / 5.

const DAYS_PER_ERA: i64 = 146_097;
/// Days from 1 March of the year 0 to 1 January 1970.
const EPOCH: i64 = 719_468;

fn civil_from_days(days_since_1970: i64) -> (i64, i64, i64) {
    let days = days_since_1970 + EPOCH;
    let era = days.div_euclid(DAYS_PER_ERA);
    let day_of_era = days.rem_euclid(DAYS_PER_ERA);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day)
}

fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year_from_march = year - i64::from(month <= 2);
    let era = year_from_march.div_euclid(400);
    let year_of_era = year_from_march.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * DAYS_PER_ERA + day_of_era - EPOCH
}

fn days_in_month(year: i64, month: i64) -> i64 {
    let is_leap_year = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if is_leap_year => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_in_both_forms() {
        assert_eq!(rfc3339(1_513_256_923), "2017-12-14T13:08:43Z");
        assert_eq!(compact(1_513_256_923), "20171214130843");
        assert_eq!(rfc3339(0), "1970-01-01T00:00:00Z");
        assert_eq!(rfc3339(-1), "1969-12-31T23:59:59Z");
        assert_eq!(rfc3339(951_782_400), "2000-02-29T00:00:00Z");
    }

    #[test]
    fn years_out_of_four_digits_are_written_in_full() {
        assert_eq!(rfc3339(253_402_300_800), "10000-01-01T00:00:00Z");
        assert_eq!(rfc3339(-62_167_219_200), "0000-01-01T00:00:00Z");
        assert_eq!(rfc3339(-62_167_219_201), "-0001-12-31T23:59:59Z");
        assert!(rfc3339(i64::MIN).starts_with("-292277022657-01-27T"));
        assert!(rfc3339(i64::MAX).starts_with("292277026596-12-04T"));
    }

    #[test]
    fn what_is_written_can_be_read() {
        for day in (-719_528..2_932_896).step_by(271) {
            let moment = day * SECONDS_PER_DAY + day.rem_euclid(SECONDS_PER_DAY);
            assert_eq!(parse_compact(&compact(moment)), Some(moment));
        }
    }

    #[test]
    fn what_is_not_on_the_calendar_is_refused() {
        for text in [
            "20210229000000",
            "19000229000000",
            "20210431000000",
            "20211301000000",
            "20210001000000",
            "20210100000000",
            "20210101240000",
            "20210101006000",
            "20210101000060",
            "2021010100000",
        ] {
            assert_eq!(parse_compact(text), None, "{text}");
        }
        assert_eq!(parse_compact("00000229000000"), Some(-62_162_121_600));
    }
}
