//! A certificate for this machine, and a client that trusts it.

use crate::loopback::Authority;
use crate::support::sandbox::Sandbox;
use std::net::IpAddr;
use tokio::runtime::{Builder, Runtime};

/// An authority, and a certificate of it for 127.0.0.1 and localhost.
pub(crate) struct Certificate {
    authority: String,
    certificate: String,
    key: String,
}

impl Certificate {
    pub(crate) fn new() -> Certificate {
        let authority = Authority::new();
        let (certificate, key) = authority.certify(&["127.0.0.1", "localhost"]);
        Certificate {
            authority: authority.pem(),
            certificate: certificate.pem(),
            key: key.serialize_pem(),
        }
    }

    /// Writes the files of the certificate, its key and its authority.
    pub(crate) fn write(&self, sandbox: &Sandbox) -> [String; 3] {
        [
            ("tls.crt", &self.certificate),
            ("tls.key", &self.key),
            ("ca.pem", &self.authority),
        ]
        .map(|(name, content)| sandbox.write(name, content).display().to_string())
    }

    /// Asks a server that shows this certificate, and no other.
    pub(crate) fn ask(&self, url: &str) -> Result<(http::Version, String), reqwest::Error> {
        let client = self.client(IpAddr::from([127, 0, 0, 1]));
        runtime().block_on(async {
            let response = client.get(url).send().await?;
            Ok((response.version(), response.text().await?))
        })
    }

    /// Makes a client at this address, which trusts the authority alone and takes answers as they come.
    pub(crate) fn client(&self, address: IpAddr) -> reqwest::Client {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let authority = reqwest::Certificate::from_pem(self.authority.as_bytes());
        let builder = reqwest::Client::builder()
            .no_proxy()
            .no_gzip()
            .local_address(address)
            .tls_certs_only([authority.expect("an authority")]);
        builder.build().expect("a client")
    }
}

/// What such a client runs in.
pub(crate) fn runtime() -> Runtime {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime")
}
