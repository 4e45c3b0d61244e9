//! Where a bucket is: its URL, and how to get there.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::path::Path;
use object_store::{BackoffConfig, ClientOptions, ObjectStore, ObjectStoreScheme, RetryConfig};
use url::Url;

use super::failure::{Failure, reason};
use crate::goenv::GoEnv;

/// The URL of a place in a bucket: `s3://bucket/prefix`, `gs://…`, `az://…` or `abfs://…`.
#[derive(Clone, Debug)]
pub struct Address {
    url: Url,
    kind: Kind,
    /// What all names in the bucket begin with.
    pub(super) prefix: Path,
}

/// Whose protocol it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Amazon,
    Google,
    Azure,
}

/// A connection on which nothing comes for so long is of no use.
const SILENCE: Duration = Duration::from_secs(30);

/// The longest that an object of 500 MiB may take.
const LONGEST: Duration = Duration::from_secs(1800);

/// How long, and how often, is tried again what may pass.
const PATIENCE: Duration = Duration::from_secs(15);
const RETRIES: usize = 4;

impl FromStr for Address {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> Result<Address> {
        let url = Url::parse(text).context("not a URL, such as s3://bucket/prefix")?;
        let kind = match url.scheme() {
            "s3" => Kind::Amazon,
            "gs" => Kind::Google,
            "az" | "abfs" | "abfss" => Kind::Azure,
            other => bail!("{other}:// is no object store; s3, gs, az and abfs are"),
        };
        ensure!(
            url.query().is_none() && url.fragment().is_none(),
            "a URL with neither `?` nor `#` is wanted"
        );
        ensure!(
            url.host_str().is_some_and(|host| !host.is_empty()),
            "there is no bucket in it"
        );
        let (_, prefix) = ObjectStoreScheme::parse(&url)?;
        Ok(Address { url, kind, prefix })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.url.as_str().trim_end_matches('/'))
    }
}

/// Sets up a store of one kind from the variables that its own tools read. What they do not know is left out.
macro_rules! store {
    ($builder:ty, $url:expr, $variables:expr) => {{
        let builder = <$builder>::new()
            .with_url($url.as_str())
            .with_client_options(client())
            .with_retry(retries());
        let set = |builder: $builder, (name, value): (&str, &str)| match name
            .to_ascii_lowercase()
            .parse()
        {
            Ok(key) => builder.with_config(key, value),
            Err(_) => builder,
        };
        let built = $variables.fold(builder, set).build();
        built.map(|store| Arc::new(store) as Arc<dyn ObjectStore>)
    }};
}

impl Address {
    /// Prepares to go there; nothing is sent yet.
    ///
    /// # Errors
    /// Credentials in the URL; variables that make no sense or are missing.
    pub(super) fn store(&self, env: &GoEnv) -> Result<Arc<dyn ObjectStore>> {
        let has_user = !self.url.username().is_empty() && self.kind != Kind::Azure;
        // Not told where the URL is read: whoever says that it is wrong shows it.
        ensure!(
            !has_user && self.url.password().is_none(),
            "credentials do not belong into the URL of a storage, but into the environment"
        );
        let mut endpoints = env.process_with_prefix("AWS_ENDPOINT_URL");
        if self.kind == Kind::Amazon && env.process("AWS_ALLOW_HTTP").is_none() {
            let plain = endpoints.find(|(_, url)| url.starts_with("http://"));
            if let Some((name, _)) = plain {
                bail!("{name} is not https: AWS_ALLOW_HTTP=true allows it all the same");
            }
        }
        // Fails when it is installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let built = match self.kind {
            Kind::Amazon => store!(AmazonS3Builder, self.url, env.process_with_prefix("AWS_")),
            Kind::Google => store!(
                GoogleCloudStorageBuilder,
                self.url,
                env.process_with_prefix("GOOGLE_")
            ),
            Kind::Azure => store!(
                MicrosoftAzureBuilder,
                self.url,
                env.process_with_prefix("AZURE_")
            ),
        };
        built.map_err(|error| {
            let (verb, name) = ("use", self.to_string());
            let reason = reason(&error);
            Failure { verb, name, reason }.into()
        })
    }
}

fn client() -> ClientOptions {
    ClientOptions::new()
        .with_read_timeout(SILENCE)
        .with_timeout(LONGEST)
}

fn retries() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig::default(),
        max_retries: RETRIES,
        retry_timeout: PATIENCE,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_a_url_is_the_prefix() {
        for (url, shown, prefix) in [
            ("s3://go-modules/team/", "s3://go-modules/team", "team"),
            ("s3://go-modules", "s3://go-modules", ""),
            ("gs://b/a/c", "gs://b/a/c", "a/c"),
            ("az://container/x", "az://container/x", "x"),
            (
                "abfss://container@account.dfs.core.windows.net/x",
                "abfss://container@account.dfs.core.windows.net/x",
                "x",
            ),
        ] {
            let address: Address = url.parse().unwrap();
            assert_eq!(address.to_string(), shown);
            assert_eq!(address.prefix.as_ref(), prefix);
        }
    }

    #[test]
    fn urls_that_name_no_bucket_are_refused() {
        for (url, reason) in [
            ("bucket", "not a URL, such as s3://bucket/prefix"),
            (
                "https://x/y",
                "https:// is no object store; s3, gs, az and abfs are",
            ),
            ("s3:///x", "there is no bucket in it"),
            (
                "s3://bucket?region=x",
                "a URL with neither `?` nor `#` is wanted",
            ),
        ] {
            let error = url.parse::<Address>().unwrap_err();
            assert_eq!(error.to_string(), reason, "{url}");
        }
    }
}
