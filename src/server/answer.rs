//! What is answered: the content, its type, how long it may be kept, and the status.

use std::sync::Arc;
use std::time::SystemTime;

use hyper::StatusCode;
use hyper::body::Bytes;
use hyper::header::HeaderValue;
use libdeflater::{CompressionLvl, Compressor};
use ring::digest::{SHA256, digest};

use super::response::Audience;
use super::shelf::{Blob, Stored};

/// Content below this size, in bytes, does not get smaller on the wire: it fits a packet as it is.
const WORTH_COMPRESSING: usize = 1024;

/// What content is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Media {
    Text,
    Json,
    Zip,
    Html,
    Metrics,
    Binary,
}

impl Media {
    /// The value of Content-Type.
    pub(super) fn content_type(self) -> &'static str {
        match self {
            Media::Text => "text/plain; charset=utf-8",
            Media::Json => "application/json",
            Media::Zip => "application/zip",
            Media::Html => "text/html; charset=utf-8",
            Media::Metrics => "text/plain; version=0.0.4; charset=utf-8",
            Media::Binary => "application/octet-stream",
        }
    }

    fn is_compressible(self) -> bool {
        !matches!(self, Media::Zip | Media::Binary)
    }
}

/// How long an answer may be kept by those in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Keeping {
    /// It never changes.
    Forever,
    /// It may be another one in a minute.
    Briefly,
    /// It may be another one the next time.
    Never,
}

impl Keeping {
    /// The value of Cache-Control.
    pub(super) fn cache_control(self, audience: Audience) -> &'static str {
        match (self, audience) {
            (Keeping::Forever, Audience::Everybody) => "public, max-age=31536000, immutable",
            (Keeping::Forever, Audience::Known) => "private, max-age=31536000, immutable",
            (Keeping::Briefly, Audience::Everybody) => "public, max-age=60",
            (Keeping::Briefly, Audience::Known) => "private, max-age=60",
            (Keeping::Never, _) => "no-store",
        }
    }
}

/// What is answered to everybody who asks the same.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) media: Media,
    pub(super) keeping: Keeping,
    pub(super) content: Content,
    pub(super) modified: Option<Modified>,
    /// What went wrong, for the log alone.
    pub(super) fault: Option<String>,
}

/// The content of an answer.
pub(super) enum Content {
    /// In memory.
    Held(Held),
    /// Read as it is sent.
    Stored(Stored),
    /// Read as it is sent while it grows; nobody knows yet how large it will be.
    Growing(Arc<dyn Blob>),
}

/// Content in memory.
pub(super) struct Held {
    pub(super) plain: Form,
    pub(super) gzip: Option<Form>,
}

/// Content as it is sent.
pub(super) struct Form {
    pub(super) content: Bytes,
    /// Another for every content.
    pub(super) etag: HeaderValue,
}

impl Held {
    pub(super) fn new(content: Vec<u8>, media: Media) -> Held {
        let sum = digest(&SHA256, &content);
        let sum = sum.as_ref().iter().take(16);
        let tag: String = sum.map(|byte| format!("{byte:02x}")).collect();
        let gzip = compressed(&content, media).map(|content| Form {
            content: Bytes::from(content),
            etag: header_value(format!("\"{tag}-gzip\"")),
        });
        let plain = Form {
            content: Bytes::from(content),
            etag: etag(&tag),
        };
        Held { plain, gzip }
    }
}

/// When content was written: as headers say it, in whole seconds.
pub(super) struct Modified {
    pub(super) time: SystemTime,
    pub(super) header: HeaderValue,
}

impl From<SystemTime> for Modified {
    fn from(time: SystemTime) -> Modified {
        let text = httpdate::fmt_http_date(time);
        Modified {
            time: httpdate::parse_http_date(&text).unwrap_or(time),
            header: header_value(text),
        }
    }
}

/// Makes the value of ETag.
pub(super) fn etag(tag: &str) -> HeaderValue {
    header_value(format!("\"{tag}\""))
}

/// Makes the value of a header of what we write ourselves, which has no control characters.
pub(super) fn header_value(text: String) -> HeaderValue {
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""))
}

fn compressed(content: &[u8], media: Media) -> Option<Vec<u8>> {
    if !media.is_compressible() || content.len() < WORTH_COMPRESSING {
        return None;
    }
    let mut compressor = Compressor::new(CompressionLvl::default());
    let mut packed = vec![0; compressor.gzip_compress_bound(content.len())];
    let size = compressor.gzip_compress(content, &mut packed).ok()?;
    packed.truncate(size);
    (size < content.len()).then_some(packed)
}

impl Answer {
    /// Content that is there.
    pub(super) fn found(content: Vec<u8>, media: Media, keeping: Keeping) -> Answer {
        Answer {
            status: StatusCode::OK,
            media,
            keeping,
            content: Content::Held(Held::new(content, media)),
            modified: None,
            fault: None,
        }
    }

    /// A file that is read as it is sent.
    pub(super) fn stored(stored: Stored, media: Media) -> Answer {
        Answer {
            status: StatusCode::OK,
            media,
            keeping: Keeping::Forever,
            modified: Some(Modified::from(stored.modified)),
            content: Content::Stored(stored),
            fault: None,
        }
    }

    /// What still grows, to be read as it is sent.
    pub(super) fn growing(blob: Arc<dyn Blob>, media: Media) -> Answer {
        Answer {
            status: StatusCode::OK,
            media,
            keeping: Keeping::Forever,
            modified: None,
            content: Content::Growing(blob),
            fault: None,
        }
    }

    /// A refusal, with what go shows to its user.
    pub(super) fn refused(status: StatusCode, text: &str) -> Answer {
        let content = format!("{}\n", text.trim_end());
        Answer {
            status,
            ..Answer::found(content.into_bytes(), Media::Text, Keeping::Never)
        }
    }

    /// 404: go asks the next proxy.
    pub(super) fn not_found(text: &str) -> Answer {
        Answer::refused(StatusCode::NOT_FOUND, &format!("not found: {text}"))
    }

    /// 500: go stops, unless a bar follows. The cause is for the log alone, for it may name what is nobody's
    /// business.
    pub(super) fn fault(cause: String) -> Answer {
        Answer {
            fault: Some(cause),
            ..Answer::refused(
                StatusCode::INTERNAL_SERVER_ERROR,
                "the server cannot read what it has stored; its log says why",
            )
        }
    }
}
