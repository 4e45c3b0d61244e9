//! What a user can set about connections.

use std::path::PathBuf;
use std::time::Duration;

/// How servers are reached; every value comes from the caller, none from the environment.
///
/// `Default` gives no proxy, the platform's certificates, 30 seconds to connect, 90 seconds without a byte
/// and three retries.
#[derive(Clone)]
pub struct Settings {
    /// Proxy for `http://` (`http_proxy`), as `[scheme://][user:password@]host:port`, where the scheme is
    /// `http`, `https`, `socks4`, `socks4a`, `socks5` or `socks5h`.
    pub http_proxy: Option<String>,
    /// Proxy for `https://` (`HTTPS_PROXY`).
    pub https_proxy: Option<String>,
    /// Hosts that are reached without a proxy (`NO_PROXY`): comma-separated names, each also standing for
    /// the hosts below it, addresses, `address/bits`, or `*`; each may have a `:port`.
    pub no_proxy: Option<String>,
    /// PEM file of certificate authorities to trust besides the platform's (`GIT_SSL_CAINFO`, `SSL_CERT_FILE`).
    pub ssl_ca_file: Option<PathBuf>,
    /// Folder of such files (`GIT_SSL_CAPATH`, `SSL_CERT_DIR`).
    pub ssl_ca_dir: Option<PathBuf>,
    /// Longest time to find and reach the server, with TLS.
    pub connect_timeout: Duration,
    /// Longest time without a byte from the server.
    pub read_timeout: Duration,
    /// How often a request is made again after a failure that may pass.
    pub retries: u32,
    /// The wait before the first retry, doubled for each one that follows.
    pub first_delay: Duration,
    /// Gives a transfer up that is slower than this for too long.
    pub low_speed: Option<LowSpeed>,
}

/// The slowest transfer to bear with (`GIT_HTTP_LOW_SPEED_LIMIT`, `GIT_HTTP_LOW_SPEED_TIME`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LowSpeed {
    /// In bytes per second.
    pub limit: u64,
    /// How long it may stay below.
    pub time: Duration,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            http_proxy: None,
            https_proxy: None,
            no_proxy: None,
            ssl_ca_file: None,
            ssl_ca_dir: None,
            connect_timeout: Duration::from_secs(30),
            read_timeout: Duration::from_secs(90),
            retries: 3,
            first_delay: Duration::from_secs(1),
            low_speed: None,
        }
    }
}

impl std::fmt::Debug for Settings {
    /// Leaves the proxies out, whose URLs may have passwords.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Settings")
            .field("no_proxy", &self.no_proxy)
            .field("ssl_ca_file", &self.ssl_ca_file)
            .field("ssl_ca_dir", &self.ssl_ca_dir)
            .field("connect_timeout", &self.connect_timeout)
            .field("read_timeout", &self.read_timeout)
            .field("retries", &self.retries)
            .finish_non_exhaustive()
    }
}
