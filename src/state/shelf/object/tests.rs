use std::collections::BTreeMap;

use url::Url;

use super::{
    ObjectSetting, ObjectShelf, OpenError,
    failure::{Failure, failure},
};
use crate::{
    model::Bucket,
    state::shelf::{Change, Expect, Note, Shelf as _, ShelfError},
};

fn change(name: &str, bytes: &str, expect: Expect) -> Change {
    Change {
        name: name.to_owned(),
        bytes: bytes.as_bytes().to_vec(),
        expect,
    }
}

#[tokio::test]
async fn a_write_happens_only_where_nobody_else_has_written() {
    let shelf = ObjectShelf::in_memory();
    let note = Note::default();
    assert_eq!(shelf.read("ledger.json").await.unwrap(), None);
    let first = [change("ledger.json", "1", Expect::Absent)];
    let versions = shelf.write(&first, &note).await.unwrap();
    let error = shelf.write(&first, &note).await.unwrap_err();
    assert!(matches!(error, ShelfError::Conflict { name } if name == "ledger.json"));
    let read = shelf.read("ledger.json").await.unwrap().unwrap();
    assert_eq!((&read.bytes[..], &read.version), (&b"1"[..], &versions[0]));

    let second = [change("ledger.json", "2", Expect::Is(read.version))];
    let _ = shelf.write(&second, &note).await.unwrap();
    let error = shelf.write(&second, &note).await.unwrap_err();
    assert!(matches!(error, ShelfError::Conflict { .. }), "{error}");
    let any = [change("ledger.json", "3", Expect::Any)];
    let _ = shelf.write(&any, &note).await.unwrap();
    assert_eq!(
        shelf.read("ledger.json").await.unwrap().unwrap().bytes,
        b"3"
    );
}

#[tokio::test]
async fn names_are_listed_by_how_they_begin() {
    let shelf = ObjectShelf::in_memory();
    let note = Note::default();
    let names = [
        "journal/3-1.jsonl",
        "journal/3-2.jsonl",
        "journal/30-1.jsonl",
        "lock.json",
    ];
    let batch = names.map(|name| change(name, "", Expect::Absent));
    let _ = shelf.write(&batch, &note).await.unwrap();
    let listed = async |prefix: &str| {
        let mut names = shelf.list(prefix).await.unwrap();
        names.sort();
        names
    };
    assert_eq!(listed("journal/3-").await, names[..2]);
    assert_eq!(listed("journal/").await.len(), 3);
    assert_eq!(listed("").await.len(), 4);
    let gone = ["journal/3-1.jsonl", "journal/9-9.jsonl"].map(str::to_owned);
    shelf.delete(&gone, &note).await.unwrap();
    assert_eq!(listed("journal/3-").await, names[1..2]);
}

fn open(bucket: &str, variables: &[(&str, &str)]) -> Result<ObjectShelf, OpenError> {
    let variables: BTreeMap<&str, &str> = variables.iter().copied().collect();
    let bucket: Bucket = bucket.parse().unwrap();
    let setting = ObjectSetting {
        variable: &|name| variables.get(name).map(|value| (*value).to_owned()),
        client: &|_: &Url| {
            let _ = rustls::crypto::ring::default_provider().install_default();
            reqwest::Client::builder()
                .build()
                .map_err(|error| error.to_string())
        },
    };
    ObjectShelf::open(&bucket, "main", &setting)
}

const KEYS: [(&str, &str); 2] = [
    ("AWS_ACCESS_KEY_ID", "AKIACANARY"),
    ("AWS_SECRET_ACCESS_KEY", "canary-secret"),
];

#[test]
fn credentials_come_from_the_environment_or_not_at_all() {
    for bucket in ["s3://acme", "gs://acme", "az://acme"] {
        let error = open(bucket, &[]).unwrap_err();
        assert!(matches!(error, OpenError::NoCredentials { .. }), "{error}");
        assert!(
            error.help().contains(" + ") || error.help().contains("GOOGLE_"),
            "{}",
            error.help()
        );
    }
    assert!(open("s3://acme", &KEYS).is_ok());
    assert!(open("gs://acme", &[("GOOGLE_BEARER_TOKEN", "x")]).is_ok());
    let azure = [
        ("AZURE_STORAGE_ACCOUNT_NAME", "acme"),
        ("AZURE_STORAGE_ACCOUNT_KEY", "Y2FuYXJ5"),
    ];
    let shelf = open("az://acme/x", &azure).unwrap();
    assert_eq!(
        format!("{shelf:?}"),
        r#"ObjectShelf { name: "az://acme/x (target main)", .. }"#
    );

    let half = [KEYS[0]];
    assert!(matches!(
        open("s3://acme", &half),
        Err(OpenError::NoCredentials { .. })
    ));
    let broken = [azure[0], ("AZURE_STORAGE_ACCOUNT_KEY", "canary%")];
    let error = open("az://acme", &broken).unwrap_err();
    assert!(!error.to_string().contains("canary"), "{error}");
    let file = [("GOOGLE_APPLICATION_CREDENTIALS", "/no/such/file")];
    let error = open("gs://acme", &file).unwrap_err();
    assert!(matches!(error, OpenError::Settings { .. }), "{error}");
}

#[test]
fn a_server_is_reached_over_tls_or_is_this_machine() {
    for (url, is_taken) in [
        ("https://minio.example.com", true),
        ("http://127.0.0.1:9000", true),
        ("http://[::1]:9000", true),
        ("http://localhost:9000", true),
        ("http://minio.example.com", false),
        ("http://169.254.169.254", false),
        ("https://user:canary@minio.example.com", false),
        ("ftp://127.0.0.1", false),
        ("minio", false),
    ] {
        let variables = [KEYS[0], KEYS[1], ("AWS_ENDPOINT_URL", url)];
        let opened = open("s3://acme", &variables);
        assert_eq!(opened.is_ok(), is_taken, "{url}");
        if let Err(error) = opened {
            assert!(!error.to_string().contains(url), "{error}");
        }
    }
}

#[test]
fn what_a_store_says_is_told_without_its_words() {
    let said = |text: &str| object_store::Error::Generic {
        store: "S3",
        source: text.to_owned().into(),
    };
    let put = "Error performing PUT https://acme.blob.core.windows.net/x?sig=canary in 3ms - Server returned non-2xx status code:";
    for (text, failed) in [
        (
            "403 Forbidden: <Error><Code>SignatureDoesNotMatch</Code><StringToSign>canary",
            Failure::Refused(
                "the credentials do not allow it (HTTP 403, SignatureDoesNotMatch)".into(),
            ),
        ),
        (
            "404 Not Found: <Code>NoSuchBucket</Code>canary",
            Failure::Refused("there is no such bucket (NoSuchBucket)".into()),
        ),
        ("404 Not Found: <Code>NoSuchKey</Code>", Failure::Missing),
        (
            "503 Slow: <Code>SlowDown</Code>",
            Failure::Unreachable("it answered HTTP 503 (SlowDown)".into()),
        ),
        (
            "400 Bad: <Code>ca nary</Code>",
            Failure::Refused("it answered HTTP 400".into()),
        ),
        (
            "301 Moved: ",
            Failure::Refused("it is elsewhere: check the region".into()),
        ),
    ] {
        let failure = failure(&said(&format!("{put} {text}")));
        assert_eq!(failure, failed);
        assert!(
            !failure
                .of("failed to write to s3://acme")
                .to_string()
                .contains("canary")
        );
    }
}
