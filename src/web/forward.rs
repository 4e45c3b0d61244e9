//! Which proxy stands between here and a URL.

use std::net::IpAddr;

use anyhow::{Result, bail, ensure};
use url::{Host, Url};

use super::settings::Settings;

/// Gives the proxy for a URL, or `None` where it is reached directly.
///
/// Errors do not show the proxy's URL, which may have a password.
pub(super) fn proxy_for(url: &Url, settings: &Settings) -> Result<Option<Url>> {
    let (name, proxy) = match url.scheme() {
        "https" => ("https_proxy", &settings.https_proxy),
        _ => ("http_proxy", &settings.http_proxy),
    };
    let Some(proxy) = proxy
        .as_deref()
        .map(str::trim)
        .filter(|text| !text.is_empty())
    else {
        return Ok(None);
    };
    if settings
        .no_proxy
        .as_deref()
        .is_some_and(|list| is_excepted(url, list))
    {
        return Ok(None);
    }
    let scheme = proxy.split_once("://").map_or("http", |(scheme, _)| scheme);
    ensure!(
        matches!(
            scheme,
            "http" | "https" | "socks4" | "socks4a" | "socks5" | "socks5h"
        ),
        "the scheme of the proxy in {name} is {}, and only http, https and socks proxies are supported",
        scheme.escape_debug()
    );
    let text = match proxy.contains("://") {
        true => proxy.to_owned(),
        false => format!("http://{proxy}"),
    };
    match Url::parse(&text) {
        Ok(proxy) if proxy.has_host() => Ok(Some(proxy)),
        _ => bail!("the proxy in {name} is no usable URL"),
    }
}

/// Tells whether a list of hosts (`NO_PROXY`) has the host of a URL.
fn is_excepted(url: &Url, list: &str) -> bool {
    let Some(host) = url.host() else {
        return false;
    };
    let port = url.port_or_known_default();
    list.split([',', ' '])
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
        .any(|entry| entry == "*" || matches_entry(&host, port, entry))
}

fn matches_entry(host: &Host<&str>, port: Option<u16>, entry: &str) -> bool {
    let address = match host {
        Host::Domain(name) => return matches_name(name, port, entry),
        Host::Ipv4(address) => IpAddr::V4(*address),
        Host::Ipv6(address) => IpAddr::V6(*address),
    };
    if let Some((network, bits)) = entry.split_once('/') {
        return match (network.parse(), bits.parse()) {
            (Ok(network), Ok(bits)) => is_in_network(address, network, bits),
            _ => false,
        };
    }
    match entry.parse::<std::net::SocketAddr>() {
        Ok(with_port) => with_port.ip() == address && Some(with_port.port()) == port,
        Err(_) => entry.trim_matches(['[', ']']).parse() == Ok(address),
    }
}

fn matches_name(name: &str, port: Option<u16>, entry: &str) -> bool {
    let entry = match entry.rsplit_once(':') {
        Some((entry, entry_port)) if entry_port.parse() == Ok(port.unwrap_or_default()) => entry,
        Some(_) => return false,
        None => entry,
    };
    let entry = entry
        .trim_start_matches('*')
        .trim_matches('.')
        .to_ascii_lowercase();
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name.strip_suffix(&entry)
        .is_some_and(|above| !entry.is_empty() && (above.is_empty() || above.ends_with('.')))
}

fn is_in_network(address: IpAddr, network: IpAddr, bits: u32) -> bool {
    let (address, network, width) = match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => (
            u128::from(u32::from(address)),
            u128::from(u32::from(network)),
            32,
        ),
        (IpAddr::V6(address), IpAddr::V6(network)) => {
            (u128::from(address), u128::from(network), 128)
        }
        _ => return false,
    };
    let Some(free) = 128_u32.min(width).checked_sub(bits) else {
        return false;
    };
    // A shift by the whole width leaves nothing to compare: every address is in `0.0.0.0/0`.
    address.checked_shr(free).unwrap_or_default() == network.checked_shr(free).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exceptions_name_hosts_networks_and_ports() {
        let cases = [
            ("https://h.example/x", "h.example", true),
            ("https://h.example/x", "example", true),
            ("https://h.example/x", ".example", true),
            ("https://h.example/x", "*.example", true),
            ("https://h.example/x", "xample", false),
            ("https://h.example/x", "a, H.EXAMPLE ,b", true),
            ("https://h.example/x", "*", true),
            ("https://h.example/x", ",", false),
            ("https://h.example/x", ".", false),
            ("https://h.example/x", "h.example:443", true),
            ("https://h.example/x", "h.example:80", false),
            ("http://10.1.2.3/x", "10.0.0.0/8", true),
            ("http://10.1.2.3/x", "10.2.0.0/16", false),
            ("http://10.1.2.3/x", "0.0.0.0/0", true),
            ("http://10.1.2.3/x", "10.1.2.3/33", false),
            ("http://10.1.2.3:8080/x", "10.1.2.3", true),
            ("http://10.1.2.3:8080/x", "10.1.2.3:8080", true),
            ("http://10.1.2.3:8080/x", "10.1.2.3:80", false),
            ("http://[::1]/x", "::1", true),
            ("http://[fd00::1]/x", "fd00::/8", true),
            ("http://[fd00::1]/x", "::/0", true),
        ];
        for (url, list, expected) in cases {
            let url = Url::parse(url).unwrap();
            assert_eq!(is_excepted(&url, list), expected, "{url} {list}");
        }
    }

    #[test]
    fn each_scheme_has_its_own_proxy() {
        let settings = Settings {
            https_proxy: Some("http://user:secret@proxy.example:3128/".to_owned()),
            no_proxy: Some("direct.example".to_owned()),
            ..Settings::default()
        };
        let proxy = |url: &str| proxy_for(&Url::parse(url).unwrap(), &settings).unwrap();
        let found = proxy("https://h.example/x").unwrap();
        assert_eq!(
            (found.host_str(), found.port()),
            (Some("proxy.example"), Some(3128))
        );
        assert!(proxy("http://h.example/x").is_none());
        assert!(proxy("https://direct.example/x").is_none());
    }

    #[test]
    fn errors_do_not_show_the_password() {
        let url = Url::parse("http://h.example/x").unwrap();
        for proxy in [
            "gopher://user:secret@h",
            "http://user:secret@",
            "http://user:secret@h:x",
        ] {
            let settings = Settings {
                http_proxy: Some(proxy.to_owned()),
                ..Settings::default()
            };
            let error = format!("{:#}", proxy_for(&url, &settings).unwrap_err());
            assert!(
                error.contains("http_proxy") && !error.contains("secret"),
                "{error}"
            );
        }
    }
}
