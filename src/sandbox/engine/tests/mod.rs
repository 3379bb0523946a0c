//! The engine, through the API.

mod hooks;
mod incomplete;
mod runs;
mod time;

use serde_json::{Value, json};

use crate::sandbox::trial::{Trial, save};

/// A module without anything that matters.
fn module(id: u64, name: &str) -> Value {
    json!({ "id": id, "module": name, "version": 1, "mapper": {} })
}

/// A module that is given something.
fn given(id: u64, name: &str, mapper: Value) -> Value {
    json!({ "id": id, "module": name, "version": 1, "mapper": mapper })
}

impl Trial {
    /// A new scenario with these settings, switched on; its path.
    fn active(&self, scheduling: Value, settings: Value, flow: Value) -> String {
        let blueprint = json!({ "name": "x", "flow": flow, "metadata": { "scenario": settings } });
        let made = self.post("/scenarios", save(&blueprint, &scheduling));
        let path = format!("/scenarios/{}", made["scenario"]["id"]);
        self.post(&format!("{path}/start"), json!({}));
        path
    }

    /// The same, on demand.
    fn on_demand(&self, settings: Value, flow: Value) -> String {
        self.active(json!({ "type": "on-demand" }), settings, flow)
    }

    /// Runs a scenario and waits.
    fn run(&self, path: &str, data: Value) -> Value {
        self.post(
            &format!("{path}/run"),
            json!({ "data": data, "responsive": true }),
        )
    }

    fn row(&self, path: &str) -> Value {
        self.get(path)["scenario"].clone()
    }

    fn logs(&self, path: &str) -> Vec<Value> {
        let logs = self.get(&format!("{path}/logs"));
        logs["scenarioLogs"].as_array().unwrap().clone()
    }

    fn set_time(&self, time: &str) {
        self.world.set_clock(time.parse().unwrap()).unwrap();
    }

    fn wait(&self, seconds: i64) {
        let by = jiff::SignedDuration::from_secs(seconds);
        self.world.advance(by).unwrap();
    }
}
