//! The account of a target that is exported.

use std::collections::BTreeMap;

use secrecy::SecretString;

use super::{ExportArgs, existing::Existing};
use crate::{
    cli::{
        error::Stop,
        session::{Connected, Scope, TargetHandle},
    },
    export::{ExportOptions, Known},
    live::Wanted,
    manifest::Project,
    model::Snapshot,
};

/// The account of a target, and what is known of it where it is exported to.
pub(super) struct Source {
    /// The target, as the project has it that the command runs in.
    pub(super) target: TargetHandle,
    pub(super) connected: Connected,
    pub(super) snapshot: Snapshot,
    /// What is exported of it, and under which names.
    pub(super) options: ExportOptions,
    /// What the project that is exported to has already, if there is one.
    pub(super) existing: Option<Existing>,
}

impl Source {
    /// Reads an account. `there`: the project that is exported to, which has to have the target.
    ///
    /// # Errors
    /// What hinders reading it; mistakes in the manifests that are there; and things of theirs
    /// that may be one object or another: what is written beside them would not be what it seems.
    pub(super) async fn read(
        args: &ExportArgs,
        project: &Project,
        there: Option<&Project>,
        name: &str,
        scope: &Scope<'_>,
    ) -> Result<Self, Stop> {
        let target = scope.target(project, name)?;
        if let Some(there) = there {
            scope.target(there, name)?;
        }
        let connected = target.connect(scope).await?;
        // Unless the account says that its plan has none.
        let properties = connected.account.licence.custom_properties != Some(false);
        // What it writes is what there is, on no trust at all. The next plan need not read it
        // again.
        let cache = target.cache(scope, &connected.account, true);
        let wanted = Wanted::everything(properties).with_cache(cache);
        let snapshot = connected.snapshot(&wanted, scope).await?;
        let read = async |project: &Project| {
            let target = scope.target(project, name)?;
            Existing::read(project, &target, &connected, &snapshot, scope).await
        };
        let mut kept = None;
        let known = match there {
            Some(there) => {
                let (existing, doubts) = read(there).await?;
                if doubts.has_errors() {
                    return Err(Stop::Findings(doubts));
                }
                let known = existing.known();
                kept = Some(existing);
                known
            }
            // A folder of its own has names of its own: the same on every export to it.
            None => Known::default(),
        };
        let options = ExportOptions {
            kinds: args.kind.iter().copied().collect(),
            only: args.only.iter().cloned().collect(),
            target: name.to_owned(),
            environment: environment(there, &target, scope),
            known,
            layout: args.layout.into(),
            declared: there
                .map(|there| there.env.iter().cloned().collect())
                .unwrap_or_default(),
            keep_secrets: args.keep_secrets,
            no_personal_data: args.no_personal_data,
        };
        Ok(Self {
            target,
            connected,
            snapshot,
            options,
            existing: kept,
        })
    }
}

/// The variables that what is exported may name, with their values: those of the target's project,
/// as far as the project that is exported to declares them.
fn environment(
    there: Option<&Project>,
    target: &TargetHandle,
    scope: &Scope<'_>,
) -> BTreeMap<String, SecretString> {
    let is_known = |name: &&String| there.is_none_or(|there| there.env.contains(name));
    let known = target.env.iter().filter(is_known);
    let set = known.filter_map(|name| Some((name.clone(), scope.settings.variable(name)?.into())));
    set.collect()
}
