//! `schema`: what documents may hold, for editors.

use clap::builder::PossibleValuesParser;

use crate::{
    cli::{error::Stop, exit::Exit, session::Scope},
    manifest::{Document, json_schema},
};

/// Print the JSON Schema of manifests, for editors and other programs
///
/// JSON Schema, draft 2020-12, of what makeform reads: manifests of every kind, makeform.yaml and
/// makeform.ids.yaml in one schema, which tells them apart by `kind`. An editor that knows it
/// completes keys, explains them, and marks mistakes. Whether references lead anywhere is told by
/// `validate`. docs/editor.md says how to set up editors.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  makeform schema > makeform.schema.json     for `# yaml-language-server: $schema=makeform.schema.json`
  makeform schema --kind Scenario            of manifests of one kind only
  makeform schema --kind Blueprint           of NAME.blueprint.json")]
pub(crate) struct SchemaArgs {
    /// Only of documents of this kind
    #[arg(long, value_name = "KIND", ignore_case = true, hide_possible_values = true,
          value_parser = PossibleValuesParser::new(Document::NAMED.map(|(name, _)| name)))]
    kind: Option<String>,
}

pub(crate) fn run(args: &SchemaArgs, scope: &Scope<'_>) -> Result<Exit, Stop> {
    let named = args.kind.as_deref().and_then(|kind| {
        let mut named = Document::NAMED.into_iter();
        named.find(|(name, _)| name.eq_ignore_ascii_case(kind))
    });
    let document = named.map_or(Document::Any, |(_, document)| document);
    scope.ui.data(&format!("{:#}\n", json_schema(document)))?;
    Ok(Exit::Done)
}
