//! The table, in Markdown, so that it can be pasted where it is needed.

use std::fmt::Write as _;
use std::time::Duration;

/// What was measured for one task, and what had to be reached.
#[derive(Default)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) ours: Duration,
    pub(crate) go: Duration,
    /// The time of `cp -r` for the resulting cache.
    pub(crate) copy: Option<Duration>,
    /// Our peak of resident memory in bytes.
    pub(crate) peak_memory: Option<u64>,
    /// How many times faster than go.
    pub(crate) required_speed: Option<f64>,
    /// How many times the other's time at most.
    pub(crate) required_times: Option<f64>,
    /// How many times `cp -r` at most.
    pub(crate) required_copies: Option<f64>,
    /// Bytes resident at most.
    pub(crate) required_memory: Option<u64>,
}

const MIB: f64 = (1 << 20) as f64;

const HEADINGS: [&str; 7] = [
    "",
    "gomodcache",
    "go mod download",
    "times faster",
    "times `cp -r`",
    "peak memory",
    "required",
];

/// The rows below their headings, with columns that line up.
pub(crate) fn render(rows: &[Row]) -> String {
    let mut lines = vec![HEADINGS.map(str::to_owned)];
    lines.extend(rows.iter().map(cells));
    let width = |column: usize| {
        lines
            .iter()
            .map(|line| line[column].chars().count())
            .max()
            .unwrap_or(0)
    };
    let widths: [usize; 7] = std::array::from_fn(width);
    let mut out = String::new();
    for (number, line) in lines.iter().enumerate() {
        for (column, cell) in line.iter().enumerate() {
            let width = widths[column];
            let _ = match column {
                0 | 6 => write!(out, "| {cell:<width$} "),
                _ => write!(out, "| {cell:>width$} "),
            };
        }
        out.push_str("|\n");
        if number == 0 {
            for (column, width) in widths.iter().enumerate() {
                let end = if matches!(column, 0 | 6) { '-' } else { ':' };
                let _ = write!(out, "|{}{end}", "-".repeat(width + 1));
            }
            out.push_str("|\n");
        }
    }
    out
}

fn cells(row: &Row) -> [String; 7] {
    let speed = ratio(row.go, row.ours);
    let copies = row.copy.map(|copy| ratio(row.ours, copy));
    [
        row.name.clone(),
        milliseconds(row.ours),
        milliseconds(row.go),
        format!("{speed:.1}"),
        copies.map_or("-".to_owned(), |copies| format!("{copies:.2}")),
        row.peak_memory.map_or("-".to_owned(), |bytes| {
            format!("{:.1} MiB", bytes as f64 / MIB)
        }),
        verdict(row, speed, copies),
    ]
}

fn verdict(row: &Row, speed: f64, copies: Option<f64>) -> String {
    let mut parts = Vec::new();
    let mut part = |text: String, reached: bool| {
        parts.push(format!("{text}: {}", if reached { "yes" } else { "NO" }));
    };
    if let Some(required) = row.required_speed {
        part(format!("{required} times faster"), speed >= required);
    }
    if let Some(required) = row.required_times {
        part(
            format!("{required} times its time"),
            1.0 / speed <= required,
        );
    }
    if let (Some(required), Some(copies)) = (row.required_copies, copies) {
        part(format!("{required} times `cp -r`"), copies <= required);
    }
    if let (Some(required), Some(bytes)) = (row.required_memory, row.peak_memory) {
        part(format!("{} MiB", required as f64 / MIB), bytes <= required);
    }
    parts.join(", ")
}

fn ratio(over: Duration, under: Duration) -> f64 {
    over.as_secs_f64() / under.as_secs_f64().max(1e-9)
}

fn milliseconds(duration: Duration) -> String {
    let milliseconds = duration.as_secs_f64() * 1000.0;
    if milliseconds < 100.0 {
        format!("{milliseconds:.1} ms")
    } else {
        format!("{milliseconds:.0} ms")
    }
}
