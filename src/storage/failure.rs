//! What the errors of the object store mean to us.

use std::error::Error;

use url::Url;

/// The object store does not do what it is asked for.
#[derive(Clone, Debug, thiserror::Error)]
#[error("cannot {verb} {name}: {reason}")]
pub struct Failure {
    /// What was to be done with the object.
    pub(super) verb: &'static str,
    /// The URL of the object.
    pub(super) name: String,
    /// Why it was not.
    pub(super) reason: String,
}

/// Tells why something failed. The answers of stores have much in them that is nobody's business, such as parts of
/// requests: of these, nothing is told but who answers, status and code. It can be another one than the store, who was
/// asked for credentials.
pub(super) fn reason(error: &object_store::Error) -> String {
    let text = error.to_string();
    let code = between(&text, "<Code>", "</Code>").filter(|code| is_code(code));
    let status = between(&text, "status code: ", ": ");
    let told: Vec<&str> = status.into_iter().chain(code).collect();
    match told.is_empty() {
        true => innermost(error),
        false => format!("{} answers {}", host(&text), told.join(", ")),
    }
}

/// Finds out who was asked.
fn host(text: &str) -> String {
    let requests = text.split("Error performing ").skip(1);
    let mut urls = requests.filter_map(|request| {
        let (request, _) = request.split_once(" in ")?;
        Url::parse(request.split_once(' ')?.1).ok()
    });
    let url = urls.find(Url::has_host);
    let Some(url) = url else {
        return "the store".to_owned();
    };
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

fn is_code(code: &str) -> bool {
    code.len() <= 100 && code.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn between<'t>(text: &'t str, begin: &str, end: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(begin)?;
    rest.split_once(end).map(|(found, _)| found)
}

fn innermost(error: &object_store::Error) -> String {
    let mut cause: &dyn Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &'static str) -> String {
        reason(&object_store::Error::Generic {
            store: "S3",
            source: text.into(),
        })
    }

    #[test]
    fn of_an_answer_only_status_and_code_are_told() {
        let answer = "Error performing list request: Error performing GET http://user:pw@s3:90/b/k?sig=1 in 1ms - Server returned non-2xx status code: \
                      403 Forbidden: <Error><Code>SignatureDoesNotMatch</Code>\
                      <SignatureProvided>0123</SignatureProvided></Error>";
        assert_eq!(
            told(answer),
            "s3:90 answers 403 Forbidden, SignatureDoesNotMatch"
        );
        assert_eq!(
            told("status code: 500 Oops: <Code>a b</Code>"),
            "the store answers 500 Oops"
        );
        assert_eq!(told("Connection refused"), "Connection refused");
    }
}
