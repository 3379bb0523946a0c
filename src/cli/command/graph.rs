//! `graph`: scenarios, and what depends on what, as drawings.

use crate::{
    cli::{error::Stop, exit::Exit, session::Scope},
    diagnostic::{Finding, codes::plan as codes, nearest},
    model::{Address, Desired, Kind},
    plan, render,
};

/// Draw scenarios, or what depends on what
///
/// With addresses: the modules of these scenarios, as their manifests have them, with routes, filters
/// and error handlers. Without: which scenario calls, starts or uses what. Reads the manifests only.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  makeform graph                                        what depends on what, as Mermaid
  makeform graph scenario.lead-sync                     one scenario
  makeform graph scenario.lead-sync --format svg > lead-sync.svg
  makeform graph --format dot | dot -Tpdf > account.pdf
  makeform --target production graph scenario.a scenario.b")]
pub(crate) struct GraphArgs {
    /// The scenarios to draw
    #[arg(value_name = "ADDRESS")]
    scenarios: Vec<Address>,

    /// What the drawing is written in
    #[arg(long, value_enum, default_value_t = Format::Mermaid)]
    format: Format,
}

/// What a drawing is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// A flowchart that GitHub and GitLab draw in Markdown
    Mermaid,
    /// The language of Graphviz
    Dot,
    /// A picture
    Svg,
}

pub(crate) fn run(args: &GraphArgs, scope: &Scope<'_>) -> Result<Exit, Stop> {
    let project = scope.project()?;
    let name = scope.one_target(&project, "graph")?;
    // Drawings have no values of the environment, so that none needs to be set.
    let opened = scope.open_with(&project, &name, &|name| Some(format!("${{env.{name}}}")))?;
    scope.ui.data(&drawn(args, &opened.desired)?)?;
    Ok(Exit::Done)
}

fn drawn(args: &GraphArgs, desired: &Desired) -> Result<String, Stop> {
    if args.scenarios.is_empty() {
        let relations = plan::relations(desired);
        return Ok(match args.format {
            Format::Mermaid => render::mermaid_of_relations(&relations),
            Format::Dot => render::dot_of_relations(&relations),
            Format::Svg => render::svg_of_relations(&relations),
        });
    }
    let mut drawings = Vec::new();
    for address in &args.scenarios {
        drawings.push((address.to_string(), drawing(address, desired)?));
    }
    Ok(match args.format {
        Format::Mermaid => render::mermaid_of_several(&drawings),
        Format::Dot => render::dot(&drawings),
        Format::Svg => render::svg(&drawings),
    })
}

fn drawing(address: &Address, desired: &Desired) -> Result<plan::Drawing, Stop> {
    let Some(declared) = desired.things.get(address) else {
        return Err(undeclared(address, desired));
    };
    if address.kind != Kind::Scenario {
        return Err(anyhow::anyhow!(
            "{address} has no modules to draw: name a scenario, or no address for what depends on what"
        )
        .into());
    }
    let spec = declared.spec.as_scenario();
    let blueprint = spec.and_then(|spec| spec.blueprint.as_set());
    let document = blueprint.and_then(|blueprint| blueprint.document().ok());
    let document = document.ok_or_else(|| {
        anyhow::anyhow!("the manifest of {address} says nothing of its blueprint")
    })?;
    Ok(plan::drawing_of(&document))
}

/// That no manifest declares an address; the nearest one that can be drawn.
fn undeclared(address: &Address, desired: &Desired) -> Stop {
    let message = "no manifest declares it for this target";
    let finding = Finding::new(&codes::UNKNOWN_ADDRESS, message).about(address);
    let scenarios = desired.things.keys().filter(|it| it.kind == Kind::Scenario);
    let known: Vec<String> = scenarios.map(ToString::to_string).collect();
    let near = nearest(&address.to_string(), known.iter().map(String::as_str));
    Stop::finding(finding.help(match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "name a scenario of the manifests; `makeform graph` shows them all".to_owned(),
    }))
}
