//! TLS: a certificate and its key, which may be renewed while the server runs.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::TlsAcceptor;

use super::stalling::Transport;
use super::watched::Watched;
use crate::disk;

/// The largest file of certificates, or key, in bytes.
const MAX_SIZE: u64 = 1 << 20;

/// The files of a certificate, in PEM.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The certificate, and those that lead to an authority.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// The certificate that is shown to clients.
pub(super) type Certificate = Watched<ServerConfig>;

/// Reads a certificate for the first time.
pub(super) fn open(files: &TlsFiles) -> Result<Certificate> {
    Watched::new(vec![files.certificate.clone(), files.key.clone()], read)
}

fn read(files: &[PathBuf]) -> Result<ServerConfig> {
    let [certificate, key] = files else {
        anyhow::bail!("TLS takes a certificate and a key");
    };
    let content = disk::read_limited(certificate, MAX_SIZE)?;
    let chain: Vec<_> = CertificateDer::pem_slice_iter(&content)
        .collect::<Result<_, _>>()
        .with_context(|| format!("cannot read the certificate {}", certificate.display()))?;
    ensure!(
        !chain.is_empty(),
        "{} has no certificate",
        certificate.display()
    );
    let key_content = disk::read_limited(key, MAX_SIZE)?;
    let key_content = PrivateKeyDer::from_pem_slice(&key_content)
        .with_context(|| format!("cannot read the key {}", key.display()))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key_content)
        .with_context(|| {
            format!(
                "cannot use {} with {}",
                certificate.display(),
                key.display()
            )
        })?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// Agrees with a client on keys.
pub(super) async fn accept(
    certificate: &Certificate,
    transport: Box<dyn Transport>,
) -> std::io::Result<Box<dyn Transport>> {
    let acceptor = TlsAcceptor::from(certificate.get());
    let stream = acceptor.accept(transport).await?;
    Ok(Box::new(stream))
}
