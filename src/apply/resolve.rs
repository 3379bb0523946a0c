//! What the run has learned, put in where later steps refer to it.

use secrecy::SecretString;

use super::stop::{Stop, finding};
use crate::{
    diagnostic::codes::apply as codes,
    model::{Address, Form, RemoteId},
    plan::{self, Known, Step},
};

/// The ids and URLs of what the run has made.
#[derive(Default)]
pub(super) struct Learned(Known);

impl Learned {
    /// Adds an object that was made.
    pub(super) fn add(&mut self, address: &Address, id: &RemoteId, url: Option<SecretString>) {
        self.0.learn(address, id.clone(), url);
    }

    /// The form that a step is to bring about, with nothing unknown in it.
    pub(super) fn fill(&self, step: &Step) -> Result<Form, Stop> {
        self.fill_in(step, &step.after.clone().unwrap_or_default())
    }

    /// A form of a step with nothing unknown in it.
    pub(super) fn fill_in(&self, step: &Step, form: &Form) -> Result<Form, Stop> {
        plan::fill(form, &self.0).map_err(|missing| {
            let message = format!("it needs {missing}, which this run has not made");
            Stop::failed(finding(step, &codes::STEP_FAILED, message))
        })
    }
}
