//! The certificate authorities that `https://` servers are checked against.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use reqwest::{Certificate, ClientBuilder};

use super::settings::Settings;
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

/// Has a client trust the platform's authorities, and with them those that the user has set.
pub(super) fn trust(builder: ClientBuilder, settings: &Settings) -> Result<ClientBuilder> {
    if settings.ssl_ca_file.is_none() && settings.ssl_ca_dir.is_none() {
        // The library asks the platform.
        return Ok(builder);
    }
    Ok(builder.tls_certs_only(roots(settings)?))
}

fn roots(settings: &Settings) -> Result<Vec<Certificate>> {
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
    Ok(certificates)
}

fn add_file(path: &Path, certificates: &mut Vec<Certificate>) -> Result<()> {
    let content = disk::read_limited(path, LARGEST_FILE)?;
    let found = Certificate::from_pem_bundle(&content)
        .with_context(|| format!("{} is not in PEM format", path.display()))?;
    certificates.extend(found);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_a_certificate_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("ca.pem");
        std::fs::write(&file, "nothing").unwrap();
        let settings = Settings {
            ssl_ca_file: Some(file.clone()),
            ..Settings::default()
        };
        let error = roots(&settings).unwrap_err().to_string();
        assert_eq!(
            error,
            format!("{} has no certificate in PEM format", file.display())
        );
    }
}
