//! Times of commits as text.

use std::cmp::Ordering;
use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

const SECONDS_PER_DAY: i64 = 86_400;

/// A moment as an `.info` file has it: to the nanosecond, in the time zone it was written in.
///
/// The order is that of the moments; those of different zones may be the same. `Display` writes RFC 3339 as
/// Go's `Time.MarshalJSON` does: fractions without zeros at the end, `Z` for no offset. `Default` is Go's zero
/// time, the first second of the year 1.
#[derive(Clone, Copy, Debug)]
pub struct Time {
    seconds: i64,
    nanoseconds: u32,
    offset_minutes: i32,
}

impl Time {
    /// Takes seconds since 1970, in UTC.
    pub fn from_unix(seconds: i64) -> Time {
        Time {
            seconds,
            nanoseconds: 0,
            offset_minutes: 0,
        }
    }

    /// Reads RFC 3339 as Go's `Time.UnmarshalJSON` does, which puts up with an hour of one digit and with a
    /// comma before the fraction. Digits beyond the nanosecond are dropped. `None` for anything else, and for
    /// offsets of a day and more, which go reads but cannot write.
    pub fn parse_rfc3339(text: &str) -> Option<Time> {
        let (date, clock) = text.split_once('T')?;
        let (year, month, day) = parse_date(date)?;
        let colon = clock.find(':').filter(|length| (1..=2).contains(length))?;
        let (hour, rest) = clock.split_at_checked(colon)?;
        let minute = digits(rest.strip_prefix(':')?.get(..2)?)?;
        let second = digits(rest.get(3..)?.strip_prefix(':')?.get(..2)?)?;
        let hour = digits(hour)?;
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        let (nanoseconds, zone) = parse_fraction(rest.get(6..)?);
        let offset_minutes = parse_zone(zone)?;
        let seconds = days_from_civil(year, month, day) * SECONDS_PER_DAY
            + hour * 3600
            + minute * 60
            + second
            - i64::from(offset_minutes) * 60;
        Some(Time {
            seconds,
            nanoseconds,
            offset_minutes,
        })
    }

    /// Gives the seconds since 1970; what is left over is not negative.
    pub fn unix(self) -> i64 {
        self.seconds
    }

    /// Gives the seconds since 1970 that a clock in its time zone shows.
    fn local(self) -> i64 {
        let offset = i64::from(self.offset_minutes) * 60;
        self.seconds.saturating_add(offset)
    }

    /// Tells whether RFC 3339 can write it: the years 0 to 9999.
    pub fn is_writable(self) -> bool {
        const RANGE: std::ops::RangeInclusive<i64> = -62_167_219_200..=253_402_300_799;
        RANGE.contains(&self.local())
    }
}

impl From<SystemTime> for Time {
    /// Gives the moment in UTC; one before 1970 is 1970.
    fn from(time: SystemTime) -> Time {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        Time {
            seconds: i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
            nanoseconds: since.subsec_nanos(),
            offset_minutes: 0,
        }
    }
}

impl Default for Time {
    fn default() -> Time {
        Time::from_unix(-62_135_596_800)
    }
}

impl PartialEq for Time {
    fn eq(&self, other: &Time) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Time {}

impl PartialOrd for Time {
    fn partial_cmp(&self, other: &Time) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Time {
    fn cmp(&self, other: &Time) -> Ordering {
        (self.seconds, self.nanoseconds).cmp(&(other.seconds, other.nanoseconds))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clock = rfc3339(self.local());
        formatter.write_str(clock.trim_end_matches('Z'))?;
        if self.nanoseconds != 0 {
            let fraction = format!("{:09}", self.nanoseconds);
            write!(formatter, ".{}", fraction.trim_end_matches('0'))?;
        }
        if self.offset_minutes == 0 {
            return formatter.write_str("Z");
        }
        let sign = if self.offset_minutes < 0 { '-' } else { '+' };
        let minutes = self.offset_minutes.unsigned_abs();
        write!(formatter, "{sign}{:02}:{:02}", minutes / 60, minutes % 60)
    }
}

/// Reads `2006-01-02`.
fn parse_date(text: &str) -> Option<(i64, i64, i64)> {
    let dashes = text.get(4..5) == Some("-") && text.get(7..8) == Some("-");
    let (year, month, day) = (text.get(..4)?, text.get(5..7)?, text.get(8..)?);
    let (year, month, day) = (digits(year)?, digits(month)?, digits(day)?);
    let is_date = dashes
        && text.len() == 10
        && (1..=12).contains(&month)
        && (1..=days_in_month(year, month)).contains(&day);
    is_date.then_some((year, month, day))
}

/// Takes a fraction off the front, if there is one.
fn parse_fraction(text: &str) -> (u32, &str) {
    let Some(rest) = text.strip_prefix(['.', ',']) else {
        return (0, text);
    };
    let end = rest.find(|digit: char| !digit.is_ascii_digit());
    let (fraction, zone) = rest.split_at(end.unwrap_or(rest.len()));
    if fraction.is_empty() {
        return (0, text);
    }
    let nanoseconds = fraction.chars().chain(std::iter::repeat('0')).take(9);
    let nanoseconds = nanoseconds.fold(0, |sum, digit| {
        sum * 10 + digit.to_digit(10).unwrap_or_default()
    });
    (nanoseconds, zone)
}

/// Reads `Z` or `-07:00` as minutes.
fn parse_zone(text: &str) -> Option<i32> {
    if text == "Z" {
        return Some(0);
    }
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+')?),
    };
    let (hours, minutes) = rest.split_once(':').filter(|_| rest.len() == 5)?;
    if hours.len() != 2 {
        return None;
    }
    let (hours, minutes) = (digits(hours)?, digits(minutes)?);
    let offset = hours * 60 + minutes;
    let is_zone = minutes <= 60 && offset < 24 * 60;
    is_zone.then(|| i32::try_from(sign * offset).ok()).flatten()
}

/// Reads a number that has no sign.
fn digits(text: &str) -> Option<i64> {
    let all = !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    text.parse().ok().filter(|_| all)
}

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
    fn times_are_read_and_written_as_go_does() {
        for (text, expected) in [
            ("2017-12-14T13:08:43Z", Some("2017-12-14T13:08:43Z")),
            ("2017-12-14T13:08:43.120Z", Some("2017-12-14T13:08:43.12Z")),
            ("2017-12-14T13:08:43.000Z", Some("2017-12-14T13:08:43Z")),
            (
                "2017-12-14T13:08:43,1234567899Z",
                Some("2017-12-14T13:08:43.123456789Z"),
            ),
            ("2017-12-14T3:08:43Z", Some("2017-12-14T03:08:43Z")),
            (
                "2017-12-31T23:59:59-07:30",
                Some("2017-12-31T23:59:59-07:30"),
            ),
            ("2017-12-14T13:08:43+00:00", Some("2017-12-14T13:08:43Z")),
            (
                "2017-12-14T13:08:43+01:60",
                Some("2017-12-14T13:08:43+02:00"),
            ),
            (
                "0000-01-01T00:00:00+01:00",
                Some("0000-01-01T00:00:00+01:00"),
            ),
            ("2017-12-14T13:08:43+24:00", None),
            ("2017-12-14T13:08:43", None),
            ("2017-12-14T13:08:43.Z", None),
            ("2017-12-14T24:08:43Z", None),
            ("2017-12-14T13:60:43Z", None),
            ("2017-12-14T13:08:60Z", None),
            ("2017-02-29T13:08:43Z", None),
            ("2017-12-14 13:08:43Z", None),
            ("2017-12-1413:08:43Z", None),
            ("2017-12-14T13:08:43Zx", None),
            ("+017-12-14T13:08:43Z", None),
            ("2017-12-14T:08:43Z", None),
            ("", None),
        ] {
            let time = Time::parse_rfc3339(text).map(|time| time.to_string());
            assert_eq!(time.as_deref(), expected, "{text}");
        }
        assert_eq!(Time::default().to_string(), "0001-01-01T00:00:00Z");
    }

    #[test]
    fn times_compare_as_moments() {
        let time = |text| Time::parse_rfc3339(text).unwrap();
        let noon = time("2020-01-01T12:00:00Z");
        assert_eq!(noon, time("2020-01-01T14:00:00+02:00"));
        assert!(noon < time("2020-01-01T12:00:00.000000001Z"));
        assert!(noon > time("2020-01-01T12:00:00+00:01"));
        assert_eq!(noon, Time::from_unix(noon.unix()));
    }

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
