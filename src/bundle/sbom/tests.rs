use std::collections::BTreeMap;

use super::*;
use crate::module::ModuleVersion;

fn packed(path: &str, version: &str) -> PackedModule {
    let module = ModuleVersion {
        path: path.parse().unwrap(),
        version: version.parse().unwrap(),
    };
    PackedModule {
        module,
        time: Some("2024-05-06T07:08:09+02:00".to_owned()),
        origin: None,
        sum: Some("h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=".to_owned()),
        go_mod_sum: None,
        verified_by: None,
        files: BTreeMap::from([(File::Zip, Digest::of(b"zip"))]),
    }
}

fn manifest() -> Manifest {
    let mut azure = packed("github.com/Azure/m/v2", "v2.0.0-rc.1");
    azure.verified_by = Some("go.sum".to_owned());
    azure.origin = Some(Origin {
        vcs: "git".to_owned(),
        url: "https://github.com/Azure/m".to_owned(),
        hash: "f21a4dfb5e38f5895301dc265a8def02365cc3d0".to_owned(),
        reference: "refs/tags/v2.0.0-rc.1".to_owned(),
        subdir: "v2".to_owned(),
        ..Origin::default()
    });
    let old = packed("gopkg.in/x~y.v1", "v1.0.0+incompatible");
    let mut metadata = packed("example.com/metadata", "v1.0.0");
    metadata.files.clear();
    Manifest {
        projects: vec!["example.com/app".to_owned()],
        modules: vec![metadata, azure, old],
        ..Manifest::default()
    }
}

fn rendered(format: SbomFormat, time: Option<i64>) -> String {
    String::from_utf8(sbom(format, &manifest(), "deps.tar.zst", time).unwrap()).unwrap()
}

#[test]
fn a_bill_in_cyclonedx_names_what_is_packed() {
    let text = rendered(SbomFormat::CycloneDx, None).replace(env!("CARGO_PKG_VERSION"), "VERSION");
    assert_eq!(text, CYCLONEDX);
}

#[test]
fn a_bill_in_spdx_names_what_is_packed() {
    let text = rendered(SbomFormat::Spdx, None).replace(env!("CARGO_PKG_VERSION"), "VERSION");
    assert_eq!(text, SPDX);
}

#[test]
fn a_time_that_is_given_is_told() {
    assert!(
        rendered(SbomFormat::CycloneDx, Some(0))
            .contains("\"timestamp\": \"1970-01-01T00:00:00Z\"")
    );
    assert!(rendered(SbomFormat::Spdx, Some(1)).contains("\"created\": \"1970-01-01T00:00:01Z\""));
}

const CYCLONEDX: &str = r#"{
  "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
  "bomFormat": "CycloneDX",
  "specVersion": "1.5",
  "serialNumber": "urn:uuid:7e6c00d1-bff5-8e2e-a607-632e36c1a71c",
  "version": 1,
  "metadata": {
    "tools": {
      "components": [
        {
          "type": "application",
          "name": "gomodcache",
          "version": "VERSION"
        }
      ]
    },
    "component": {
      "type": "file",
      "name": "deps.tar.zst",
      "properties": [
        {
          "name": "gomodcache:project",
          "value": "example.com/app"
        }
      ]
    }
  },
  "components": [
    {
      "type": "library",
      "bom-ref": "github.com/Azure/m/v2@v2.0.0-rc.1",
      "name": "github.com/Azure/m/v2",
      "version": "v2.0.0-rc.1",
      "hashes": [
        {
          "alg": "SHA-256",
          "content": "4a70fe9aa6436e02c2dea340fbd1e352e4ef2d8ce6ca52ad25d4b95471fc8bf2"
        }
      ],
      "purl": "pkg:golang/github.com/azure/m/v2@v2.0.0-rc.1",
      "externalReferences": [
        {
          "type": "vcs",
          "url": "https://github.com/Azure/m",
          "comment": "f21a4dfb5e38f5895301dc265a8def02365cc3d0 refs/tags/v2.0.0-rc.1 v2"
        }
      ],
      "properties": [
        {
          "name": "gomodcache:h1",
          "value": "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
        },
        {
          "name": "gomodcache:verified-by",
          "value": "go.sum"
        }
      ]
    },
    {
      "type": "library",
      "bom-ref": "gopkg.in/x~y.v1@v1.0.0+incompatible",
      "name": "gopkg.in/x~y.v1",
      "version": "v1.0.0+incompatible",
      "hashes": [
        {
          "alg": "SHA-256",
          "content": "4a70fe9aa6436e02c2dea340fbd1e352e4ef2d8ce6ca52ad25d4b95471fc8bf2"
        }
      ],
      "purl": "pkg:golang/gopkg.in/x~y.v1@v1.0.0%2Bincompatible",
      "externalReferences": [],
      "properties": [
        {
          "name": "gomodcache:h1",
          "value": "h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
        }
      ]
    }
  ]
}
"#;

const SPDX: &str = r#"{
  "spdxVersion": "SPDX-2.3",
  "dataLicense": "CC0-1.0",
  "SPDXID": "SPDXRef-DOCUMENT",
  "name": "deps.tar.zst",
  "documentNamespace": "urn:uuid:7e6c00d1-bff5-8e2e-a607-632e36c1a71c",
  "creationInfo": {
    "created": "2024-05-06T05:08:09Z",
    "creators": [
      "Tool: gomodcache-VERSION"
    ],
    "comment": "made for example.com/app"
  },
  "packages": [
    {
      "SPDXID": "SPDXRef-Package-1",
      "name": "github.com/Azure/m/v2",
      "versionInfo": "v2.0.0-rc.1",
      "downloadLocation": "git+https://github.com/Azure/m@f21a4dfb5e38f5895301dc265a8def02365cc3d0#v2",
      "filesAnalyzed": false,
      "checksums": [
        {
          "algorithm": "SHA256",
          "checksumValue": "4a70fe9aa6436e02c2dea340fbd1e352e4ef2d8ce6ca52ad25d4b95471fc8bf2"
        }
      ],
      "licenseConcluded": "NOASSERTION",
      "licenseDeclared": "NOASSERTION",
      "copyrightText": "NOASSERTION",
      "comment": "go.sum: h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
      "externalRefs": [
        {
          "referenceCategory": "PACKAGE-MANAGER",
          "referenceType": "purl",
          "referenceLocator": "pkg:golang/github.com/azure/m/v2@v2.0.0-rc.1"
        }
      ]
    },
    {
      "SPDXID": "SPDXRef-Package-2",
      "name": "gopkg.in/x~y.v1",
      "versionInfo": "v1.0.0+incompatible",
      "downloadLocation": "NOASSERTION",
      "filesAnalyzed": false,
      "checksums": [
        {
          "algorithm": "SHA256",
          "checksumValue": "4a70fe9aa6436e02c2dea340fbd1e352e4ef2d8ce6ca52ad25d4b95471fc8bf2"
        }
      ],
      "licenseConcluded": "NOASSERTION",
      "licenseDeclared": "NOASSERTION",
      "copyrightText": "NOASSERTION",
      "comment": "go.sum: h1:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
      "externalRefs": [
        {
          "referenceCategory": "PACKAGE-MANAGER",
          "referenceType": "purl",
          "referenceLocator": "pkg:golang/gopkg.in/x~y.v1@v1.0.0%2Bincompatible"
        }
      ]
    }
  ],
  "relationships": [
    {
      "spdxElementId": "SPDXRef-DOCUMENT",
      "relationshipType": "DESCRIBES",
      "relatedSpdxElement": "SPDXRef-Package-1"
    },
    {
      "spdxElementId": "SPDXRef-DOCUMENT",
      "relationshipType": "DESCRIBES",
      "relatedSpdxElement": "SPDXRef-Package-2"
    }
  ]
}
"#;
