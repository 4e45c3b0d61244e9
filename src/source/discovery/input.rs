//! The bytes of a page, one after the other.

use std::io::{BufRead, BufReader, Read};

use anyhow::{Context, Result, anyhow, ensure};

/// A reader with a limit, which knows the line that it is in.
pub(super) struct Input<R> {
    reader: BufReader<R>,
    left: usize,
    line: usize,
}

/// The longest page that is read to the end of its head, in bytes. go has no limit.
pub(super) const MOST_BYTES: usize = 4 << 20;

impl<R: Read> Input<R> {
    pub(super) fn new(reader: R) -> Input<R> {
        Input {
            reader: BufReader::new(reader),
            left: MOST_BYTES,
            line: 1,
        }
    }

    /// Gives the next byte, and leaves it there; `None` at the end.
    pub(super) fn peek(&mut self) -> Result<Option<u8>> {
        let buffer = self.reader.fill_buf().context("cannot read the page")?;
        let byte = buffer.first().copied();
        ensure!(
            byte.is_none() || self.left > 0,
            "the head of the page does not end within {MOST_BYTES} bytes"
        );
        Ok(byte)
    }

    /// Takes the next byte; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<u8>> {
        let byte = self.peek()?;
        if let Some(byte) = byte {
            self.reader.consume(1);
            self.left -= 1;
            self.line += usize::from(byte == b'\n');
        }
        Ok(byte)
    }

    /// Gives the next byte where the page must not end, and leaves it there.
    pub(super) fn must_peek(&mut self) -> Result<u8> {
        self.peek()?.ok_or_else(|| self.syntax("unexpected EOF"))
    }

    /// Takes the next byte where the page must not end.
    pub(super) fn must_next(&mut self) -> Result<u8> {
        self.next()?.ok_or_else(|| self.syntax("unexpected EOF"))
    }

    /// Makes the error of a page that is no XML, not even a sloppy one.
    pub(super) fn syntax(&self, reason: &str) -> anyhow::Error {
        anyhow!("XML syntax error on line {}: {reason}", self.line)
    }
}
