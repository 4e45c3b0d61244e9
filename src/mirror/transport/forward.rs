//! Plain HTTP through a proxy: the request line carries the whole URL (RFC 9112, section 3.2.2).
//!
//! ureq tunnels everything with CONNECT, which many proxies allow to port 443 only. This wraps a connection
//! to the proxy and completes the head of the one request that it serves.

use anyhow::Result;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, NextTimeout, TcpConnector, Transport,
};
use ureq::{Agent, Error, Proxy};

/// Makes an agent whose requests all go to `proxy`. `config` must not name a proxy itself, and must keep no
/// idle connections: each connection serves one request.
pub(super) fn agent(config: Config, proxy: &Proxy) -> Agent {
    let authorization = proxy.username().map(|user| {
        let pair = format!("{user}:{}", proxy.password().unwrap_or_default());
        format!(
            "Proxy-Authorization: Basic {}\r\n",
            BASE64_STANDARD.encode(pair)
        )
    });
    let connector = TcpConnector::default().chain(ForwardConnector {
        authorization: authorization.unwrap_or_default(),
    });
    let resolver = ProxyResolver {
        proxy: proxy.uri().clone(),
        resolver: DefaultResolver::default(),
    };
    Agent::with_parts(config, connector, resolver)
}

/// Gives the addresses of the proxy, whatever is asked for.
#[derive(Debug)]
struct ProxyResolver {
    proxy: Uri,
    resolver: DefaultResolver,
}

impl Resolver for ProxyResolver {
    fn resolve(
        &self,
        _: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        self.resolver.resolve(&self.proxy, config, timeout)
    }
}

struct ForwardConnector {
    authorization: String,
}

impl std::fmt::Debug for ForwardConnector {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ForwardConnector")
    }
}

impl<In: Transport> Connector<In> for ForwardConnector {
    type Out = Forward<In>;

    fn connect(
        &self,
        details: &ConnectionDetails,
        chained: Option<In>,
    ) -> Result<Option<Forward<In>>, Error> {
        let host = details.uri.authority().map_or("", |host| host.as_str());
        Ok(chained.map(|connection| Forward {
            connection,
            head: Some(Head {
                origin: format!("http://{host}"),
                authorization: self.authorization.clone(),
            }),
        }))
    }
}

/// What the proxy wants in the head of a request besides.
struct Head {
    origin: String,
    authorization: String,
}

/// A connection to a proxy that completes the head of its request.
struct Forward<T> {
    connection: T,
    /// Taken by the first transmission, which begins with the request line.
    head: Option<Head>,
}

impl<T: Transport> std::fmt::Debug for Forward<T> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Forward")
    }
}

impl<T: Transport> Transport for Forward<T> {
    fn buffers(&mut self) -> &mut dyn Buffers {
        self.connection.buffers()
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let Some(head) = self.head.take() else {
            return self.connection.transmit_output(amount, timeout);
        };
        let output = self.connection.buffers().output();
        let completed = output
            .get(..amount)
            .and_then(|request| complete(request, &head))
            .filter(|completed| completed.len() <= output.len());
        let Some(completed) = completed else {
            let message = "the head of the request is too long for the proxy";
            return Err(Error::Io(std::io::Error::other(message)));
        };
        if let Some(room) = output.get_mut(..completed.len()) {
            room.copy_from_slice(&completed);
        }
        self.connection.transmit_output(completed.len(), timeout)
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        self.connection.await_input(timeout)
    }

    fn is_open(&mut self) -> bool {
        self.connection.is_open()
    }
}

/// Puts the origin before the path and the authorization behind the request line.
fn complete(request: &[u8], head: &Head) -> Option<Vec<u8>> {
    let path = request.iter().position(|byte| *byte == b' ')? + 1;
    let line = request.windows(2).position(|pair| pair == b"\r\n")? + 2;
    let (method, rest) = request.split_at_checked(path)?;
    let (target, fields) = rest.split_at_checked(line.checked_sub(path)?)?;
    let parts = [
        method,
        head.origin.as_bytes(),
        target,
        head.authorization.as_bytes(),
        fields,
    ];
    Some(parts.concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_request_line_gets_the_origin_and_the_head_the_authorization() {
        let head = Head {
            origin: "http://example.com:81".into(),
            authorization: "Proxy-Authorization: Basic eA==\r\n".into(),
        };
        let completed = complete(
            b"GET /a?b HTTP/1.1\r\nHost: example.com:81\r\n\r\nbody",
            &head,
        );
        let expected = "GET http://example.com:81/a?b HTTP/1.1\r\n\
             Proxy-Authorization: Basic eA==\r\nHost: example.com:81\r\n\r\nbody";
        assert_eq!(completed.as_deref(), Some(expected.as_bytes()));
        assert_eq!(complete(b"no request", &head), None);
    }
}
