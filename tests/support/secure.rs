//! The loopback server behind TLS: its authority, and HTTP/2.

use super::{Answer, Asked, End, Loopback, Served};
use bytes::Bytes;
use h2::server::SendResponse;
use http::Request;
use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair,
};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::collections::BTreeMap;
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;

/// What a server speaks once its client is content with its certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    /// `http/1.1`
    One,
    /// `h2`
    Two,
}

/// An authority that nobody trusts who is not given its file.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Authority {
        let mut authority = CertificateParams::new(Vec::new()).expect("parameters");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // OpenSSL takes a certificate that has the name of its issuer for its own issuer.
        let name = &mut authority.distinguished_name;
        name.push(DnType::CommonName, "authority");
        let key = KeyPair::generate().expect("a key");
        Authority(CertifiedIssuer::self_signed(authority, key).expect("an authority"))
    }

    /// Its certificate.
    pub(crate) fn pem(&self) -> String {
        self.0.pem()
    }

    /// Writes its certificate for those who shall trust it.
    pub(crate) fn write(&self, file: &Path) {
        std::fs::write(file, self.pem()).expect("a file");
    }

    /// Makes a certificate for hosts of these names, and its key.
    pub(crate) fn certify(&self, names: &[&str]) -> (Certificate, KeyPair) {
        let key = KeyPair::generate().expect("a key");
        let names = names.iter().copied().map(str::to_owned);
        let certificate = CertificateParams::new(names.collect::<Vec<_>>()).expect("parameters");
        let certificate = certificate.signed_by(&key, &self.0);
        (certificate.expect("a certificate"), key)
    }

    /// A server for `localhost` that offers nothing but this protocol (ALPN).
    fn certified(&self, protocol: Protocol) -> ServerConfig {
        let (certificate, key) = self.certify(&["localhost"]);
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut config = ServerConfig::builder()
            .with_no_client_auth()
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivateKeyDer::Pkcs8(key.serialize_der().into()),
            )
            .expect("a configuration");
        config.alpn_protocols = vec![match protocol {
            Protocol::One => b"http/1.1".to_vec(),
            Protocol::Two => b"h2".to_vec(),
        }];
        config
    }
}

impl Loopback {
    /// Starts a server for `localhost` behind TLS; connections that end before a request are not seen.
    pub(crate) fn secure(
        authority: &Authority,
        protocol: Protocol,
        answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static,
    ) -> Loopback {
        let config = Arc::new(authority.certified(protocol));
        Loopback::listen("https://localhost", answer, move |stream, served| {
            let config = Arc::clone(&config);
            match protocol {
                Protocol::One => {
                    let connection = ServerConnection::new(config).ok()?;
                    served.all(StreamOwned::new(connection, stream))
                }
                Protocol::Two => tokio::runtime::Builder::new_current_thread()
                    .enable_all()
                    .build()
                    .ok()?
                    .block_on(two(stream, config, served)),
            }
        })
    }
}

async fn two(stream: TcpStream, config: Arc<ServerConfig>, served: Served) -> Option<()> {
    stream.set_nonblocking(true).ok()?;
    let stream = tokio::net::TcpStream::from_std(stream).ok()?;
    let stream = tokio_rustls::TlsAcceptor::from(config).accept(stream);
    let mut connection = h2::server::handshake(stream.await.ok()?).await.ok()?;
    while let Some(Ok((request, respond))) = connection.accept().await {
        respond_to(&request, respond, &served)?;
    }
    Some(())
}

fn respond_to<B>(
    request: &Request<B>,
    mut respond: SendResponse<Bytes>,
    served: &Served,
) -> Option<()> {
    let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
        (name.as_str().to_owned(), value)
    };
    let headers: BTreeMap<String, String> = request.headers().iter().map(header).collect();
    let target = request.uri().path_and_query()?.to_string();
    let answer = served.answer(
        request.method().as_str(),
        &target,
        "HTTP/2.0",
        headers,
        Vec::new(),
    );
    std::thread::sleep(answer.delay);
    let mut head = http::Response::builder().status(answer.status);
    for (name, value) in &answer.headers {
        head = head.header(name, value);
    }
    let mut body = respond.send_response(head.body(()).ok()?, false).ok()?;
    match answer.end {
        End::Whole => body.send_data(answer.body.into(), true).ok(),
        End::Held(..) | End::Cut(_) | End::Never => {
            panic!("a body that does not end well is for HTTP/1.1")
        }
    }
}
