//! Reads a Go file up to its first declaration.

use std::io::{BufReader, Read};

use anyhow::{Error, Result, anyhow};

use super::constraint;
use crate::gomod;

/// The most bytes before the first declaration.
const HEAD_LIMIT: usize = 16 << 20;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What stands before the first declaration of a Go file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Whether the file is part of its package for some set of build tags.
    pub is_built: bool,
    /// The import paths, in the order of the file; nothing of them is checked.
    pub imports: Vec<String>,
}

/// Reads the head of a Go file. Of a file with a syntax error counts what comes before it, as with go.
///
/// # Errors
/// A file that cannot be read, one with a NUL in its head, and one whose head has more than 16 MiB.
/// Rule: `ReadImports`.
pub fn read_head(file: impl Read) -> Result<Head> {
    let mut reader = Reader {
        bytes: BufReader::with_capacity(4 << 10, file).bytes(),
        seen: Vec::new(),
        peeked: None,
        imports: Vec::new(),
    };
    match reader.file() {
        Ok(()) | Err(Stop::Syntax) => {}
        Err(Stop::Failed(error)) => return Err(error),
    }
    let head = reader.seen.strip_prefix(BYTE_ORDER_MARK);
    let head = String::from_utf8_lossy(head.unwrap_or(&reader.seen));
    let imports = reader.imports.iter();
    Ok(Head {
        is_built: constraint::is_ever_built(&head),
        imports: imports
            .filter_map(|literal| gomod::unquote(&String::from_utf8_lossy(literal)))
            .collect(),
    })
}

/// Why reading ends before its time.
enum Stop {
    Syntax,
    Failed(Error),
}

struct Reader<R: Read> {
    bytes: std::io::Bytes<BufReader<R>>,
    /// All that was read, but for the byte that was peeked at.
    seen: Vec<u8>,
    peeked: Option<Option<u8>>,
    /// The literals behind `import`.
    imports: Vec<Vec<u8>>,
}

impl<R: Read> Reader<R> {
    fn file(&mut self) -> Result<(), Stop> {
        self.byte_order_mark()?;
        self.keyword(b"package")?;
        self.skip()?;
        self.identifier()?;
        loop {
            self.skip()?;
            if self.peek()? != Some(b'i') {
                return Ok(());
            }
            self.keyword(b"import")?;
            self.skip()?;
            if self.peek()? != Some(b'(') {
                self.import()?;
                continue;
            }
            self.next()?;
            loop {
                self.skip()?;
                if self.peek()? == Some(b')') {
                    self.next()?;
                    break;
                }
                self.import()?;
            }
        }
    }

    fn byte_order_mark(&mut self) -> Result<(), Stop> {
        for byte in BYTE_ORDER_MARK {
            if self.peek()? != Some(*byte) {
                return Ok(());
            }
            self.next()?;
        }
        Ok(())
    }

    /// Looks at the next byte; `None` at the end of the file.
    fn peek(&mut self) -> Result<Option<u8>, Stop> {
        if let Some(peeked) = self.peeked {
            return Ok(peeked);
        }
        let byte = self.bytes.next().transpose();
        let byte = byte.map_err(|error| Stop::Failed(error.into()))?;
        if byte == Some(0) {
            return Err(Stop::Failed(anyhow!("unexpected NUL in input")));
        }
        self.peeked = Some(byte);
        Ok(byte)
    }

    fn next(&mut self) -> Result<Option<u8>, Stop> {
        let byte = self.peek()?;
        self.peeked = None;
        self.seen.extend(byte);
        if self.seen.len() > HEAD_LIMIT {
            let error = anyhow!("no declaration within the first {HEAD_LIMIT} bytes");
            return Err(Stop::Failed(error));
        }
        Ok(byte)
    }

    /// Reads a byte that must be there.
    fn must(&mut self) -> Result<u8, Stop> {
        self.next()?.ok_or(Stop::Syntax)
    }

    /// Passes over spaces, semicolons and comments.
    fn skip(&mut self) -> Result<(), Stop> {
        loop {
            match self.peek()? {
                Some(b' ' | b'\x0c' | b'\t' | b'\r' | b'\n' | b';') => {
                    self.next()?;
                }
                Some(b'/') => {
                    self.next()?;
                    self.comment()?;
                }
                _ => return Ok(()),
            }
        }
    }

    fn comment(&mut self) -> Result<(), Stop> {
        match self.must()? {
            b'/' => {
                while !matches!(self.next()?, None | Some(b'\n')) {}
                Ok(())
            }
            b'*' => {
                let mut last = 0;
                loop {
                    let byte = self.must()?;
                    if (last, byte) == (b'*', b'/') {
                        return Ok(());
                    }
                    last = byte;
                }
            }
            _ => Err(Stop::Syntax),
        }
    }

    fn keyword(&mut self, keyword: &[u8]) -> Result<(), Stop> {
        self.skip()?;
        for byte in keyword {
            if self.must()? != *byte {
                return Err(Stop::Syntax);
            }
        }
        match self.peek()? {
            Some(byte) if is_of_identifier(byte) => Err(Stop::Syntax),
            _ => Ok(()),
        }
    }

    fn identifier(&mut self) -> Result<(), Stop> {
        if !self.peek()?.is_some_and(is_of_identifier) {
            return Err(Stop::Syntax);
        }
        while self.peek()?.is_some_and(is_of_identifier) {
            self.next()?;
        }
        Ok(())
    }

    /// Reads an import: perhaps a name, then a string.
    fn import(&mut self) -> Result<(), Stop> {
        match self.peek()? {
            Some(b'.') => {
                self.next()?;
            }
            Some(byte) if is_of_identifier(byte) => self.identifier()?,
            _ => {}
        }
        self.skip()?;
        let start = self.seen.len();
        let quote = self.must()?;
        loop {
            match self.must()? {
                byte if byte == quote && matches!(quote, b'"' | b'`') => break,
                b'\n' if quote == b'"' => return Err(Stop::Syntax),
                b'\\' if quote == b'"' => {
                    self.must()?;
                }
                _ if matches!(quote, b'"' | b'`') => {}
                _ => return Err(Stop::Syntax),
            }
        }
        let literal = self.seen.get(start..).unwrap_or_default().to_vec();
        self.imports.push(literal);
        Ok(())
    }
}

fn is_of_identifier(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}
