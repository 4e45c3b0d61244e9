//! The two date forms that cases use, in UTC.

/// Reads `2017-12-14T13:08:43Z` as seconds since 1970.
pub(crate) fn parse(date: &str) -> i64 {
    let numbers: Vec<i64> = date
        .split(|character: char| !character.is_ascii_digit())
        .filter(|digits| !digits.is_empty())
        .map(|digits| digits.parse().expect("digits"))
        .collect();
    let [year, month, day, hour, minute, second] = numbers[..] else {
        panic!("`{date}` is not like 2017-12-14T13:08:43Z");
    };
    ((days_since_1970(year, month, day) * 24 + hour) * 60 + minute) * 60 + second
}

/// Writes seconds since 1970 as `20171214130843`.
pub(crate) fn stamp(seconds: i64) -> String {
    let (days, rest) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let mut year = 1970;
    while days_since_1970(year + 1, 1, 1) <= days {
        year += 1;
    }
    let mut month = 1;
    while month < 12 && days_since_1970(year, month + 1, 1) <= days {
        month += 1;
    }
    let day = days - days_since_1970(year, month, 1) + 1;
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}")
}

fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let years: i64 = (1970..year).map(|year| 365 + i64::from(leap(year))).sum();
    let lengths = [
        31,
        28 + i64::from(leap(year)),
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ];
    let months: i64 = lengths
        .iter()
        .take(usize::try_from(month - 1).expect("a month"))
        .sum();
    years + months + day - 1
}
