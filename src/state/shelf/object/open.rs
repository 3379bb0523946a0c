//! From `s3://bucket/prefix` and the environment to a shelf.

use std::{sync::Arc, time::Duration};

use object_store::{
    BackoffConfig, ObjectStore, RetryConfig, aws::AmazonS3Builder, azure::MicrosoftAzureBuilder,
    gcp::GoogleCloudStorageBuilder, path::Path,
};
use url::Url;

use super::{
    ObjectShelf,
    web::{Web, is_here},
};
use crate::model::{Bucket, Cloud};

/// The variables of S3 that count, as Amazon's own tools have them.
const S3: [&str; 14] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL_STS",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_SERVER_SIDE_ENCRYPTION",
    "AWS_SSE_KMS_KEY_ID",
    "AWS_VIRTUAL_HOSTED_STYLE_REQUEST",
];

/// Those of Google Cloud Storage.
const GOOGLE: [&str; 6] = [
    "GOOGLE_SERVICE_ACCOUNT",
    "GOOGLE_SERVICE_ACCOUNT_PATH",
    "GOOGLE_SERVICE_ACCOUNT_KEY",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_BEARER_TOKEN",
    "GOOGLE_BASE_URL",
];

/// Those of Azure.
const AZURE: [&str; 11] = [
    "AZURE_STORAGE_ACCOUNT_NAME",
    "AZURE_STORAGE_ACCOUNT_KEY",
    "AZURE_STORAGE_SAS_TOKEN",
    "AZURE_STORAGE_TOKEN",
    "AZURE_STORAGE_ENDPOINT",
    "AZURE_CLIENT_ID",
    "AZURE_CLIENT_SECRET",
    "AZURE_TENANT_ID",
    "AZURE_AUTHORITY_ID",
    "AZURE_AUTHORITY_HOST",
    "AZURE_FEDERATED_TOKEN_FILE",
];

/// Those of them that name a server.
const SERVERS: [&str; 5] = [
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_STS",
    "GOOGLE_BASE_URL",
    "AZURE_STORAGE_ENDPOINT",
];

/// The sets of variables of which one has to be set, whole: there is no other way to credentials,
/// since nothing of the machine (profiles, metadata servers) is asked.
const S3_CREDENTIALS: &[&[&str]] = &[
    &["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
    &["AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_ROLE_ARN"],
];
const GOOGLE_CREDENTIALS: &[&[&str]] = &[
    &["GOOGLE_APPLICATION_CREDENTIALS"],
    &["GOOGLE_SERVICE_ACCOUNT_KEY"],
    &["GOOGLE_SERVICE_ACCOUNT"],
    &["GOOGLE_SERVICE_ACCOUNT_PATH"],
    &["GOOGLE_BEARER_TOKEN"],
];
const AZURE_CREDENTIALS: &[&[&str]] = &[
    &["AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT_KEY"],
    &["AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_SAS_TOKEN"],
    &["AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_TOKEN"],
    &[
        "AZURE_STORAGE_ACCOUNT_NAME",
        "AZURE_CLIENT_ID",
        "AZURE_CLIENT_SECRET",
        "AZURE_TENANT_ID",
    ],
    &[
        "AZURE_STORAGE_ACCOUNT_NAME",
        "AZURE_CLIENT_ID",
        "AZURE_FEDERATED_TOKEN_FILE",
        "AZURE_TENANT_ID",
    ],
];

/// What an object store is reached with.
pub struct ObjectSetting<'a> {
    /// The environment: an empty variable counts as not set.
    pub variable: &'a dyn Fn(&str) -> Option<String>,
    /// Makes the HTTP client for a server, as all clients of this process are made.
    pub client: &'a dyn Fn(&Url) -> Result<reqwest::Client, String>,
}

/// Why an object store can't be reached at all. Nothing was sent. No value is quoted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// No credentials.
    #[error("there are no credentials for {place} in the environment")]
    NoCredentials {
        /// The place.
        place: String,
        /// The sets of variables that would do.
        sets: &'static [&'static [&'static str]],
    },
    /// A server that is not to be talked to.
    #[error("{variable} is no address of a server with TLS, nor of one on this machine")]
    Server {
        /// The variable that names it.
        variable: &'static str,
    },
    /// The library can't make anything of the settings.
    #[error("the settings for {place} in the environment can't be used: {reason}")]
    Settings {
        /// The place.
        place: String,
        /// Why, as far as it can be said without their values.
        reason: String,
    },
}

impl OpenError {
    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::NoCredentials { sets, .. } => {
                let sets: Vec<String> = sets.iter().map(|set| set.join(" + ")).collect();
                format!("set one of: {}", sets.join("; "))
            }
            Self::Server { .. } => "write https://HOST, or http://127.0.0.1:PORT".to_owned(),
            Self::Settings { .. } => {
                "docs/object-stores.md lists the variables that count".to_owned()
            }
        }
    }
}

impl ObjectShelf {
    /// The documents of a target in a bucket.
    ///
    /// # Errors
    /// When the environment names no credentials, or none that can be used. Nothing is sent.
    pub fn open(
        bucket: &Bucket,
        target: &str,
        setting: &ObjectSetting<'_>,
    ) -> Result<Self, OpenError> {
        let place = bucket.to_string();
        let (names, sets): (&[&'static str], _) = match bucket.cloud {
            Cloud::S3 => (&S3, S3_CREDENTIALS),
            Cloud::Google => (&GOOGLE, GOOGLE_CREDENTIALS),
            Cloud::Azure => (&AZURE, AZURE_CREDENTIALS),
        };
        let is_set = |name: &&str| (setting.variable)(name).is_some();
        if !sets.iter().any(|set| set.iter().all(|name| is_set(name))) {
            return Err(OpenError::NoCredentials { place, sets });
        }
        let values: Vec<(&'static str, String)> = names
            .iter()
            .filter_map(|name| Some((*name, (setting.variable)(name)?)))
            .collect();
        let mut server = usual_server(bucket.cloud)?;
        // The one that counts most is looked at last.
        for variable in SERVERS.iter().rev() {
            let Some((_, value)) = values.iter().find(|(name, _)| name == variable) else {
                continue;
            };
            server = checked(variable, value)?;
        }
        let client = (setting.client)(&server).map_err(|reason| OpenError::Settings {
            place: place.clone(),
            reason,
        })?;
        let build = |retry: RetryConfig| build(bucket, &values, Web(client.clone()), retry);
        let prefix = match bucket.prefix.as_str() {
            "" => target.to_owned(),
            prefix => format!("{prefix}/{target}"),
        };
        Ok(Self {
            name: format!("{place} (target {target})"),
            writes: build(once())?,
            reads: build(a_few_times())?,
            root: Path::from(prefix),
            by_generation: bucket.cloud == Cloud::Google,
        })
    }
}

/// A server that is asked where none is named: all that counts is that it is not here.
fn usual_server(cloud: Cloud) -> Result<Url, OpenError> {
    let url = match cloud {
        Cloud::S3 => "https://s3.amazonaws.com",
        Cloud::Google => "https://storage.googleapis.com",
        Cloud::Azure => "https://blob.core.windows.net",
    };
    checked("the usual server", url)
}

fn checked(variable: &'static str, value: &str) -> Result<Url, OpenError> {
    let refused = || OpenError::Server { variable };
    let url: Url = value.parse().map_err(|_| refused())?;
    let is_safe = match url.scheme() {
        "https" => url.has_host(),
        "http" => url.host_str().is_some_and(is_here),
        _ => false,
    };
    // What stands before the `@` would be sent, and shown.
    let is_plain = url.username().is_empty() && url.password().is_none();
    (is_safe && is_plain).then_some(url).ok_or_else(refused)
}

fn build(
    bucket: &Bucket,
    values: &[(&'static str, String)],
    web: Web,
    retry: RetryConfig,
) -> Result<Arc<dyn ObjectStore>, OpenError> {
    let values = values
        .iter()
        .map(|(name, value)| (name.to_ascii_lowercase(), value.as_str()));
    let refused = |error: object_store::Error| OpenError::Settings {
        place: bucket.to_string(),
        reason: reason(&error).to_owned(),
    };
    Ok(match bucket.cloud {
        Cloud::S3 => {
            let mut builder = AmazonS3Builder::new()
                .with_bucket_name(&bucket.name)
                .with_retry(retry)
                // One by one: some that speak like S3 know no other way.
                .with_disable_bulk_delete(true)
                .with_http_connector(web);
            for (name, value) in values {
                builder = builder.with_config(name.parse().map_err(refused)?, value);
            }
            Arc::new(builder.build().map_err(refused)?)
        }
        Cloud::Google => {
            let mut builder = GoogleCloudStorageBuilder::new()
                .with_bucket_name(&bucket.name)
                .with_retry(retry)
                .with_http_connector(web);
            for (name, value) in values {
                builder = builder.with_config(name.parse().map_err(refused)?, value);
            }
            Arc::new(builder.build().map_err(refused)?)
        }
        Cloud::Azure => {
            let mut builder = MicrosoftAzureBuilder::new()
                .with_container_name(&bucket.name)
                .with_retry(retry)
                .with_http_connector(web);
            for (name, value) in values {
                builder = builder.with_config(name.parse().map_err(refused)?, value);
            }
            Arc::new(builder.build().map_err(refused)?)
        }
    })
}

/// What is wrong with settings, without quoting them: the library does.
fn reason(error: &object_store::Error) -> &'static str {
    let text = error.to_string().to_lowercase();
    match text {
        text if text.contains("no such file") || text.contains("open") => {
            "a file that they name can't be read"
        }
        text if text.contains("key") && text.contains("decod") => {
            "the key is not what it should be"
        }
        _ => "a value is missing, or not what it should be",
    }
}

/// Never again: whether it was done is found out by reading.
fn once() -> RetryConfig {
    RetryConfig {
        max_retries: 0,
        ..a_few_times()
    }
}

fn a_few_times() -> RetryConfig {
    RetryConfig {
        backoff: BackoffConfig {
            init_backoff: Duration::from_millis(200),
            max_backoff: Duration::from_secs(2),
            base: 2.0,
        },
        max_retries: 4,
        retry_timeout: Duration::from_secs(20),
    }
}
