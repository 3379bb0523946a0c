//! VALUES -> TEXT: plans, findings, outcomes and codes, for people and for programs.
//!
//! Values go in, strings come out. Nothing here computes a difference, reads a file or writes to
//! a stream; the `cli` decides where a text goes and whether it may have colour. Whatever comes
//! from an account or a file passes through [`printable`], so that no name of a scenario can steer
//! a terminal.

mod change;
mod change_text;
mod command_line;
mod dot;
mod drift_json;
mod drift_text;
mod excerpt;
mod explain;
mod findings;
mod fold;
mod forecast_text;
mod github;
mod history_text;
mod html;
mod layered;
mod markdown;
mod mermaid;
mod outcome;
mod plan_json;
#[cfg(test)]
mod plan_json_tests;
mod plan_summary;
mod plan_text;
#[cfg(test)]
mod plan_text_tests;
mod progress;
mod progress_json;
mod rights_text;
mod runs_text;
#[cfg(test)]
mod sample;
mod sarif;
mod state_text;
mod status_text;
mod step_text;
mod style;
mod svg;
mod table;
mod text_lines;
#[cfg(test)]
mod twelve;
mod upcoming;
mod words;

pub use command_line::{apply_command, apply_file_command, coverage_flags, on_target};
pub use dot::{dot, dot_of_relations};
pub use drift_json::drift_json;
pub use drift_text::drift_text;
pub use explain::{codes_text, explain_text};
pub use findings::{findings_json, findings_text, tally_text};
pub use fold::fitted;
pub use github::{findings_github, plans_github};
pub use history_text::{applied_in_words, history_json, history_text};
pub use html::{account_html, plan_html};
pub use markdown::{COMMENT, Planned, SUMMARY, plans_markdown};
pub use mermaid::{mermaid, mermaid_of_relations, mermaid_of_several};
pub use outcome::{Again, outcome_text};
pub use plan_json::{plan_json, plan_json_pretty};
pub use plan_summary::plan_summary_text;
pub use plan_text::{apply_hint, plan_text};
pub use progress::{Progress, progress_line, progress_plain};
pub use progress_json::progress_json;
pub use runs_text::{
    execution_json, execution_text, executions_json, executions_text, incomplete_json,
    incomplete_list_json, incomplete_list_text, incomplete_text, run_json,
};
pub use sarif::findings_sarif;
pub use state_text::{state_list_text, state_show_json};
pub use status_text::{StatusRow, status_json, status_text};
pub use style::{Role, Style};
pub use svg::{svg, svg_of_relations};
pub use table::Table;
pub use words::printable;
