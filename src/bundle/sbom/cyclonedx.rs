//! CycloneDX 1.5.

use serde_json::{Map, Value, json};

use super::purl::purl;
use super::{Bill, Material};

pub(super) fn render(bill: &Bill<'_>) -> Value {
    let mut metadata = Map::new();
    if let Some(time) = &bill.time {
        metadata.insert("timestamp".to_owned(), json!(time));
    }
    let program = json!({
        "type": "application",
        "name": env!("CARGO_PKG_NAME"),
        "version": env!("CARGO_PKG_VERSION"),
    });
    metadata.insert("tools".to_owned(), json!({ "components": [program] }));
    let projects = bill.projects.iter();
    let projects: Vec<Value> = projects.map(|path| property("project", path)).collect();
    metadata.insert(
        "component".to_owned(),
        json!({ "type": "file", "name": bill.name, "properties": projects }),
    );
    json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": format!("urn:uuid:{}", bill.id),
        "version": 1,
        "metadata": metadata,
        "components": bill.modules.iter().map(component).collect::<Vec<_>>(),
    })
}

fn component(material: &Material<'_>) -> Value {
    let module = &material.packed.module;
    let mut properties = vec![property("h1", material.sum)];
    if let Some(verified_by) = &material.packed.verified_by {
        properties.push(property("verified-by", verified_by));
    }
    let origins: Vec<Value> = material
        .origin()
        .map(|origin| {
            let place = [&origin.hash, &origin.reference, &origin.subdir];
            let place: Vec<&str> = place
                .into_iter()
                .map(String::as_str)
                .filter(|text| !text.is_empty())
                .collect();
            json!({ "type": "vcs", "url": origin.url, "comment": place.join(" ") })
        })
        .into_iter()
        .collect();
    json!({
        "type": "library",
        // Package URLs are in lower case, and two modules may differ in that alone.
        "bom-ref": module.to_string(),
        "name": module.path.as_str(),
        "version": module.version.as_str(),
        "hashes": [{ "alg": "SHA-256", "content": material.zip.hexadecimal() }],
        "purl": purl(module),
        "externalReferences": origins,
        "properties": properties,
    })
}

fn property(name: &str, value: &str) -> Value {
    json!({ "name": format!("gomodcache:{name}"), "value": value })
}
