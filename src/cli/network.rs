//! How the environment has servers reached.

use std::{fs, sync::Arc};

use crate::live::{GateOptions, Gates, MINUTE, Network};

use super::{error::Stop, session::now, settings::Settings};

/// The proxy, the authorities and the times that the environment names.
pub(crate) fn network(settings: &Settings) -> Result<Network, Stop> {
    let mut network = Network::default().within(settings.timeouts()?);
    if let Some((name, proxy)) = settings.proxy() {
        let except = settings.no_proxy();
        network = network
            .through(&proxy, except.as_deref())
            .map_err(|error| anyhow::anyhow!("{name} can't be used: {error}"))?;
    }
    if let Some(file) = settings.authorities() {
        let shown = file.display();
        let pem = fs::read(&file).map_err(|error| {
            anyhow::anyhow!("failed to read MAKEFORM_CA_FILE, {shown}: {error}")
        })?;
        network = network.trusting(&pem).map_err(|error| {
            anyhow::anyhow!("MAKEFORM_CA_FILE, {shown}, can't be used: {error}")
        })?;
    }
    Ok(network)
}

/// The gates of this process, which leave word for others in the cache folder.
pub(crate) fn gates(settings: &Settings) -> Arc<Gates> {
    Arc::new(Gates::new(GateOptions {
        folder: settings.cache_folder(),
        window: settings.minute().unwrap_or(MINUTE),
        now: now(),
    }))
}
