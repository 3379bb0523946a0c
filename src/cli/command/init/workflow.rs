//! The workflows of CI.

use std::path::{Path, PathBuf};

use super::answers::Answers;

/// Whose CI runs makeform.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Ci {
    /// GitHub Actions: .github/workflows/makeform.yml
    Github,
    /// GitLab CI: .gitlab/makeform.yml, included by .gitlab-ci.yml
    Gitlab,
    /// None
    None,
}

/// What GitLab reads first.
pub(super) const GITLAB_CI: &str = ".gitlab-ci.yml";

/// The jobs beside it.
pub(super) const GITLAB_JOBS: &str = ".gitlab/makeform.yml";

/// What stands in the place of the job that applies.
const NOT_APPLIED: &str = "\
# Nothing is applied on merges: a runner loses a ledger that is in a file, and a sandbox. Set `state` in
# makeform.yaml to git or an object store, and a target that is an account; then delete this file, and
# `makeform init --force` writes one that applies.
";

impl Ci {
    /// The files, relative to the top of the repository. `inside` is the project's folder in it.
    pub(super) fn files(
        self,
        answers: &Answers,
        branch: &str,
        inside: &Path,
    ) -> Vec<(PathBuf, String)> {
        let fill = |template: &str| {
            let folder = match inside.as_os_str().is_empty() {
                true => ".".to_owned(),
                false => inside.display().to_string(),
            };
            template
                .replace("@TARGET@", answers.target())
                .replace("@BRANCH@", &quoted(branch))
                .replace("@FOLDER@", &quoted(&folder))
        };
        let release = answers.release.as_ref();
        let (url, sha256) = match release {
            Some(release) => (quoted(&release.url), release.sha256.clone()),
            None => (
                self.variable("MAKEFORM_RELEASE"),
                self.variable("MAKEFORM_SHA256"),
            ),
        };
        let fill = |template: &str| {
            fill(template)
                .replace("@RELEASE@", &url)
                .replace("@SHA256@", &sha256)
        };
        match self {
            Self::Github => {
                let secrets = variables(answers)
                    .map(|(name, note)| format!("  {name}: ${{{{ secrets.{name} }}}}{note}\n"));
                let secrets: String = secrets.collect();
                let permission = match answers.state == "git" {
                    true => "write", // the ledger is a ref of this repository
                    false => "read",
                };
                let (record, applies) = match answers.is_shared() {
                    true => (
                        " --record --commit \"$HEAD\"",
                        include_str!("github_apply.yml"),
                    ),
                    false => ("", NOT_APPLIED),
                };
                let template = [include_str!("github.yml"), applies].concat();
                let text = fill(&template)
                    .replace("@INSTALL@\n", include_str!("github_install.yml"))
                    .replace("@RECORD@", record)
                    .replace("@SECRETS@\n", &secrets)
                    .replace("@CONTENTS@", permission);
                vec![(PathBuf::from(".github/workflows/makeform.yml"), text)]
            }
            Self::Gitlab => {
                let mut names: Vec<&str> = variables(answers).map(|(name, _)| name).collect();
                let ledger = match answers.state == "git" {
                    true => {
                        "# The ledger is a ref of this repository: let job tokens push to it (Settings, CI/CD,\n\
                             # Job token permissions).\n"
                    }
                    false => "",
                };
                let (record, applies) = match answers.is_shared() {
                    true => {
                        names.push("API_TOKEN (a token of this project that may read its API)");
                        (
                            " --record --commit \"${CI_MERGE_REQUEST_SOURCE_BRANCH_SHA:-$CI_COMMIT_SHA}\"",
                            include_str!("gitlab_apply.yml"),
                        )
                    }
                    false => ("", NOT_APPLIED),
                };
                let template = [include_str!("gitlab.yml"), applies].concat();
                let text = fill(&template)
                    .replace("@RECORD@", record)
                    .replace("@VARIABLES@", &names.join(", "))
                    .replace("@LEDGER@\n", ledger);
                let include = format!("include:\n  - local: {GITLAB_JOBS}\n");
                vec![
                    (PathBuf::from(GITLAB_JOBS), text),
                    (PathBuf::from(GITLAB_CI), include),
                ]
            }
            Self::None => Vec::new(),
        }
    }
}

impl Ci {
    /// A value that the settings of the CI have, as its jobs name it.
    fn variable(self, name: &str) -> String {
        match self {
            Self::Github => format!("${{{{ vars.{name} }}}}"),
            // What its settings say counts more than what stands here.
            Self::Gitlab | Self::None => "\"\"".to_owned(),
        }
    }
}

/// The secrets that the jobs need, each with a note for its line.
fn variables(answers: &Answers) -> impl Iterator<Item = (&'static str, &'static str)> {
    let account: &[_] = match answers.account {
        Some(_) => &[("MAKE_API_KEY", "")],
        None => &[("MAKE_API_KEY", " # not needed by the sandbox")],
    };
    let scheme = answers.state.split_once("://").map(|(scheme, _)| scheme);
    let ledger: &[_] = match scheme {
        Some("s3") => &[
            ("AWS_REGION", ""),
            ("AWS_ACCESS_KEY_ID", ""),
            ("AWS_SECRET_ACCESS_KEY", ""),
        ],
        Some("gs") => &[("GOOGLE_SERVICE_ACCOUNT_KEY", "")],
        Some("az") => &[
            ("AZURE_STORAGE_ACCOUNT_NAME", ""),
            ("AZURE_STORAGE_ACCOUNT_KEY", ""),
        ],
        Some(_) | None => &[],
    };
    account.iter().chain(ledger).copied()
}

/// Words that are no texts in YAML, in any of its versions.
const NO_TEXTS: [&str; 9] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"];

/// A text as YAML has it in any place: JSON is YAML, and a plain word needs no quotes.
pub(super) fn quoted(text: &str) -> String {
    let is_word = text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
    match is_word && !NO_TEXTS.contains(&text.to_ascii_lowercase().as_str()) {
        true => text.to_owned(),
        false => serde_json::Value::from(text).to_string(),
    }
}
