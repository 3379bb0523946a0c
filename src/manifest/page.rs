//! One file while it is read, and what is found in it.

use std::{cell::RefCell, sync::Arc};

use crate::{
    diagnostic::{Code, Finding, Report},
    model::{Address, Place, Source},
};

use super::node::Span;

/// A file's text, the findings made in it so far, and the thing that is being read.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) source: Arc<Source>,
    /// What a target says otherwise stands here.
    overlay: Option<Arc<Source>>,
    findings: RefCell<Report>,
    address: Option<Address>,
}

impl Page {
    /// A page of a file.
    pub(super) fn new(source: Arc<Source>) -> Self {
        Self {
            source,
            overlay: None,
            findings: RefCell::default(),
            address: None,
        }
    }

    /// The same file, while the manifest of one thing is read.
    pub(super) fn about(&self, address: &Address) -> Self {
        Self {
            source: Arc::clone(&self.source),
            overlay: self.overlay.clone(),
            findings: RefCell::default(),
            address: Some(address.clone()),
        }
    }

    /// Another file that the same manifest names.
    pub(super) fn beside(&self, source: Arc<Source>) -> Self {
        Self {
            source,
            overlay: None,
            findings: RefCell::default(),
            address: self.address.clone(),
        }
    }

    /// Lays another file over this one: ranges from [`Self::overlay_start`] on mean that.
    pub(super) fn lay(&mut self, overlay: &Arc<Source>) {
        self.overlay = Some(Arc::clone(overlay));
    }

    /// Where the file that lies over this one begins.
    pub(super) fn overlay_start(&self) -> usize {
        // The empty range at the end of this file is still its own.
        self.source.text.len() + 1
    }

    /// The file that a range lies in, and where.
    fn locate(&self, span: &Span) -> (&Arc<Source>, Span) {
        let from = self.overlay_start();
        match (&self.overlay, span.start.checked_sub(from)) {
            (Some(overlay), Some(start)) => (overlay, start..span.end.saturating_sub(from)),
            (None, _) | (_, None) => (&self.source, span.clone()),
        }
    }

    /// What is written in a range.
    pub(super) fn written(&self, span: &Span) -> &str {
        let (source, span) = self.locate(span);
        source.text.get(span).unwrap_or_default()
    }

    /// The place of a range; of its first line, where it has several.
    pub(super) fn place(&self, span: &Span) -> Place {
        let (source, span) = self.locate(span);
        let text = source.text.get(span.clone()).unwrap_or_default();
        let line = text.split(['\r', '\n']).next().unwrap_or_default().len();
        Place::new(source, span.start..span.start + line)
    }

    /// A finding at a range, about the thing that is being read. It still has to be reported.
    pub(super) fn finding(
        &self,
        code: &'static Code,
        span: &Span,
        message: impl Into<String>,
    ) -> Finding {
        let mut finding = Finding::new(code, message).at(self.place(span));
        finding.address.clone_from(&self.address);
        finding
    }

    /// Keeps a finding.
    pub(super) fn report(&self, finding: Finding) {
        self.findings.borrow_mut().push(finding);
    }

    /// Whether the same was found at the same place.
    pub(super) fn has(&self, finding: &Finding) -> bool {
        let findings = self.findings.borrow();
        findings
            .iter()
            .any(|other| other.code == finding.code && other.place == finding.place)
    }

    /// The thing that is being read.
    pub(super) fn address(&self) -> Option<&Address> {
        self.address.as_ref()
    }

    /// Whether nothing was found so far.
    pub(super) fn is_clean(&self) -> bool {
        self.findings.borrow().is_empty()
    }

    /// Whether an error was found so far.
    pub(super) fn has_errors(&self) -> bool {
        self.findings.borrow().has_errors()
    }

    /// Keeps what was found in another file on behalf of this one.
    pub(super) fn absorb(&self, other: Self) {
        self.findings.borrow_mut().extend(other.into_report());
    }

    /// All that was found.
    pub(super) fn into_report(self) -> Report {
        self.findings.into_inner()
    }
}
