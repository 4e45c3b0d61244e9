//! SPDX 2.3.

use serde_json::{Map, Value, json};

use super::purl::purl;
use super::{Bill, Material};
use crate::module::{Time, rfc3339};

/// What is not known of a package.
const UNKNOWN: &str = "NOASSERTION";

pub(super) fn render(bill: &Bill<'_>) -> Value {
    // The format wants a time: that of the youngest version, as it is part of the content.
    let times = bill
        .modules
        .iter()
        .filter_map(|it| it.packed.time.as_deref());
    let seconds = times.filter_map(|time| Some(Time::parse_rfc3339(time)?.unix()));
    let youngest = seconds.max().map(rfc3339);
    let time = bill.time.clone().or(youngest);
    let mut creation = Map::new();
    let created = time.unwrap_or_else(|| rfc3339(0));
    creation.insert("created".to_owned(), json!(created));
    let program = concat!(
        "Tool: ",
        env!("CARGO_PKG_NAME"),
        "-",
        env!("CARGO_PKG_VERSION")
    );
    creation.insert("creators".to_owned(), json!([program]));
    if !bill.projects.is_empty() {
        let projects = format!("made for {}", bill.projects.join(", "));
        creation.insert("comment".to_owned(), json!(projects));
    }
    let packages = (1..).zip(&bill.modules);
    let relationships: Vec<Value> = packages
        .clone()
        .map(|(number, _)| {
            json!({
                "spdxElementId": "SPDXRef-DOCUMENT",
                "relationshipType": "DESCRIBES",
                "relatedSpdxElement": id(number),
            })
        })
        .collect();
    json!({
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": bill.name,
        "documentNamespace": format!("urn:uuid:{}", bill.id),
        "creationInfo": creation,
        "packages": packages.map(|(number, it)| package(number, it)).collect::<Vec<_>>(),
        "relationships": relationships,
    })
}

fn package(number: u32, material: &Material<'_>) -> Value {
    let module = &material.packed.module;
    let place = material.origin().map(|origin| {
        let mut place = format!("git+{}@{}", origin.url, origin.hash);
        if !origin.subdir.is_empty() {
            place.push('#');
            place.push_str(&origin.subdir);
        }
        place
    });
    json!({
        "SPDXID": id(number),
        "name": module.path.as_str(),
        "versionInfo": module.version.as_str(),
        "downloadLocation": place.unwrap_or_else(|| UNKNOWN.to_owned()),
        "filesAnalyzed": false,
        "checksums": [{ "algorithm": "SHA256", "checksumValue": material.zip.hexadecimal() }],
        "licenseConcluded": UNKNOWN,
        "licenseDeclared": UNKNOWN,
        "copyrightText": UNKNOWN,
        "comment": format!("go.sum: {}", material.sum),
        "externalRefs": [{
            "referenceCategory": "PACKAGE-MANAGER",
            "referenceType": "purl",
            "referenceLocator": purl(module),
        }],
    })
}

fn id(number: u32) -> String {
    format!("SPDXRef-Package-{number}")
}
