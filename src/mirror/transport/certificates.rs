//! The certificate authorities that `https://` servers are checked against.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use ureq::tls::{Certificate, PemItem, RootCerts, parse_pem};

use super::settings::TransportSettings;
use crate::disk;

/// Where systems keep the authorities that they trust as one file; the first that is there is read.
const PLATFORM_FILES: [&str; 6] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/ssl/cert.pem",
];
/// Such files are some 200 KiB.
const LARGEST_FILE: u64 = 64 << 20;

/// Gives the platform's authorities, and with them those that the user has set.
pub(super) fn roots(settings: &TransportSettings) -> Result<RootCerts> {
    if settings.ssl_ca_file.is_none() && settings.ssl_ca_dir.is_none() {
        return Ok(RootCerts::PlatformVerifier);
    }
    let mut certificates = Vec::new();
    if let Some(platform) = PLATFORM_FILES
        .iter()
        .map(Path::new)
        .find(|file| disk::is_file(file))
    {
        add_file(platform, &mut certificates)?;
    }
    if let Some(file) = &settings.ssl_ca_file {
        let before = certificates.len();
        add_file(file, &mut certificates)?;
        ensure!(
            certificates.len() > before,
            "{} has no certificate in PEM format",
            file.display()
        );
    }
    if let Some(folder) = &settings.ssl_ca_dir {
        let mut files: Vec<PathBuf> = disk::list_dir(folder)?;
        files.sort_unstable();
        for file in files.iter().filter(|file| disk::is_file(file)) {
            // Such folders hold other files too, lists of revoked certificates for one.
            let _ = add_file(file, &mut certificates);
        }
    }
    Ok(RootCerts::new_with_certs(&certificates))
}

fn add_file(path: &Path, certificates: &mut Vec<Certificate<'static>>) -> Result<()> {
    let content = disk::read_limited(path, LARGEST_FILE)?;
    for item in parse_pem(&content) {
        let item = item.with_context(|| format!("{} is not in PEM format", path.display()))?;
        if let PemItem::Certificate(certificate) = item {
            certificates.push(certificate);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_platform_is_trusted_unless_something_is_set() {
        let settings = TransportSettings::default();
        assert!(matches!(
            roots(&settings).unwrap(),
            RootCerts::PlatformVerifier
        ));
    }

    #[test]
    fn a_file_without_a_certificate_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        std::fs::write(&file, "nothing").unwrap();
        let settings = TransportSettings {
            ssl_ca_file: Some(file.clone()),
            ..TransportSettings::default()
        };
        let error = roots(&settings).unwrap_err().to_string();
        assert_eq!(
            error,
            format!("{} has no certificate in PEM format", file.display())
        );
    }
}
