//! What is right for a fault at a request, and whether that is what happened.

use makeform::{
    cli::Ran,
    live::transport::Method,
    sandbox::{Collection, Dialect, Fault, TOKEN, World, fault::SORTS},
};

use super::stage::Stage;
use crate::support::{
    inventory::Inventory,
    trial::{Asked, At, Blow, Strike, Trial},
};

/// What a process says that was killed.
const DIED: Ran = Ran {
    stdout: String::new(),
    stderr: String::new(),
    code: 137,
};

/// What happens to a run beside what the account does.
const BLOWS: [Blow; 4] = [
    Blow::DieBefore,
    Blow::DieAfter,
    Blow::FullDisk,
    Blow::StolenLock,
];

/// One combination: this fault at the n-th request, or from it on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Case<'a> {
    pub(super) stage: &'a Stage,
    /// From 1.
    pub(super) number: usize,
    pub(super) what: What,
    pub(super) lasts: bool,
}

/// What happens at a request.
#[derive(Clone, Copy, Debug)]
pub(super) enum What {
    /// A fault, as [`makeform::sandbox::fault::SORTS`] has it.
    Fault(&'static str),
    /// Something beside the account.
    Blow(Blow),
}

impl What {
    /// All that happens at requests.
    pub(super) fn all() -> impl Iterator<Item = Self> {
        let faults = SORTS.iter().copied().map(Self::Fault);
        faults.chain(BLOWS.map(Self::Blow))
    }

    /// In the words of the sandbox; nothing for what is beside the account.
    fn fault(self) -> &'static str {
        match self {
            Self::Fault(what) => what,
            Self::Blow(_) => "",
        }
    }
}

/// What came of a fault.
pub(super) struct Seen {
    pub(super) ran: Ran,
    /// What was asked during the run.
    pub(super) asked: Vec<Asked>,
    /// What is wrong with it, and with what came after it.
    pub(super) wrong: Vec<String>,
}

impl Seen {
    fn check(&mut self, is_right: bool, what: &str) {
        if !is_right {
            self.wrong.push(what.to_owned());
        }
    }

    /// The lines of errors.
    fn errors(&self) -> Vec<String> {
        let lines = self.ran.stderr.lines();
        let errors = lines.filter(|line| line.starts_with("error"));
        errors.map(str::to_owned).collect()
    }

    /// The addresses of the steps that are said to have failed.
    fn failed(&self) -> Vec<String> {
        let stale = ": refused, because somebody changed it after the plan was made";
        let lines = self.ran.stdout.lines().map(str::trim);
        let address = |line: &str| {
            let failed = line.split_once(": failed: ").map(|(address, _)| address);
            Some(failed.or(line.strip_suffix(stale))?.to_owned())
        };
        lines.filter_map(address).collect()
    }
}

impl Case<'_> {
    /// What happens, and how to see it.
    pub(super) fn told(&self) -> String {
        match self.what {
            What::Fault(_) => {
                let fault = self.fault();
                format!("{fault}\n{}", self.stage.by_hand(&fault))
            }
            What::Blow(blow) => format!("request {}: {blow:?}", self.number),
        }
    }

    /// The rule of the sandbox.
    fn fault(&self) -> String {
        let from = if self.lasts { "from " } else { "" };
        let rule = format!("{from}{}th any: {}", self.number, self.what.fault());
        // As the sandbox writes it.
        rule.parse::<Fault>().unwrap().to_string()
    }

    /// Goes through it.
    pub(super) async fn run(&self) -> Seen {
        let stage = self.stage;
        let trial = stage.trial();
        let (ran, asked) = match self.what {
            What::Fault(_) => {
                let (ran, asked) = trial.run(stage.args, Some(&self.fault())).await;
                (Some(ran), asked)
            }
            What::Blow(what) => {
                let at = At::Request(self.number);
                trial.struck(stage.args, Strike { at, what }).await
            }
        };
        let mut seen = Seen {
            ran: ran.unwrap_or(DIED),
            asked,
            wrong: Vec::new(),
        };
        match self.what {
            What::Fault(_) => self.judge(&mut seen, &trial),
            What::Blow(blow) => self.judge_blow(&mut seen, &trial, blow),
        }
        self.go_on(&mut seen, &trial.elsewhere()).await;
        seen
    }

    /// Applies again, on another machine that has only the ledger, and looks at what is there then.
    async fn go_on(&self, seen: &mut Seen, trial: &Trial) {
        let stage = self.stage;
        if seen.ran.code != 0 {
            let (again, _) = trial.run(stage.args, None).await;
            if again.code != 0 {
                let (code, said) = (again.code, again.stderr);
                let wrong = format!(
                    "the second apply ended with {code}:\n{said}{}",
                    again.stdout
                );
                seen.wrong.push(wrong);
                return;
            }
        }
        let mut args = vec!["plan", "--detailed-exitcode"];
        args.extend(stage.args.contains(&"--destroy").then_some("--destroy"));
        let (plan, _) = trial.run(&args, None).await;
        if plan.code != 0 {
            let wrong = format!("the plan after it is not empty:\n{}", plan.stdout);
            seen.wrong.push(wrong);
        }
        let difference = Inventory::of(trial.world()).difference(&stage.after);
        if !difference.is_empty() {
            let wrong = format!("the account is another one:\n{}", difference.join("\n"));
            seen.wrong.push(wrong);
        }
    }

    /// Finds out what is wrong with the first apply.
    fn judge(&self, seen: &mut Seen, trial: &Trial) {
        let Ran {
            stdout,
            stderr,
            code,
        } = seen.ran.clone();
        let Some(struck) = seen.asked.get(self.number - 1).cloned() else {
            return seen.check(false, "no request had the fault");
        };
        for secret in secrets(trial.world()) {
            let is_shown = stdout.contains(&secret) || stderr.contains(&secret);
            seen.check(!is_shown, "a secret is shown");
        }
        let is_untouched = || Inventory::of(trial.world()) == self.stage.before;
        let is_named = |text: &str| {
            let named = |asked: &Asked| text.contains(&format!("{} {}", asked.method, asked.path));
            match self.lasts {
                true => seen.asked.iter().skip(self.number - 1).any(named),
                false => named(&struck),
            }
        };
        let (in_data, in_errors) = (is_named(&stdout), is_named(&stderr));
        if code == 0 {
            seen.check(seen.errors().is_empty(), "it says errors, and ends with 0");
            let is_whole = stdout.contains("Apply complete!");
            seen.check(is_whole, "it ends with 0 before its end");
            let must_stop = self.must_stop(&struck);
            return seen.check(!must_stop, "it ends with 0 in spite of the fault");
        }
        let must_go_on = self.must_go_on(&struck);
        seen.check(!must_go_on, "it does not get over the fault");
        // Where people can't be read, guards about them can't tell either.
        if stderr.starts_with("Refused: incomplete-snapshot") {
            seen.check(code == 3, "a guard does not end with 3");
            seen.check(is_untouched(), "a refused plan changed something");
            let is_said = stdout.contains("warning[incomplete-snapshot]") && in_data;
            return seen.check(is_said, "the guard does not say what was not read");
        }
        if stdout.contains("Apply refuses it until the errors above are mended.") {
            seen.check(code == 1, "a plan with errors does not end with 1");
            seen.check(is_untouched(), "a plan with errors changed something");
            return seen.check(in_data, "the error does not say what was not read");
        }
        self.check_errors(seen);
        if stdout.contains("Plan:") {
            check_steps(seen);
            let is_lost = stderr.contains("nobody knows whether it was carried out");
            let is_right = match code {
                1 | 3 => is_untouched() || is_lost,
                4 => stdout.contains("Apply incomplete:"),
                _ => false,
            };
            seen.check(
                is_right,
                "the exit code says another thing than the account",
            );
        } else {
            seen.check(code == 1, "there is no plan, and that is not 1");
            seen.check(seen.errors().len() == 1, "one thing went wrong: one error");
            seen.check(in_errors, "the error does not name the request");
        }
    }

    /// Finds out what is wrong with an apply that something happened to beside the account.
    fn judge_blow(&self, seen: &mut Seen, trial: &Trial, blow: Blow) {
        let sent = seen.asked.iter().skip(self.number);
        let went_on = sent.filter(|asked| !asked.method.is_read()).count();
        let is_untouched = || Inventory::of(trial.world()) == self.stage.before;
        match blow {
            // The process is gone.
            Blow::DieBefore | Blow::DieAfter => {
                seen.check(seen.ran == DIED, "the process lives on");
            }
            // A request at the most is under way when somebody takes the lock.
            Blow::FullDisk | Blow::StolenLock => {
                seen.check(went_on == 0, "it goes on without a journal or a lock");
                let code = match blow == Blow::FullDisk {
                    true => "error[ledger-unreachable]",
                    false => "error[ledger-locked]",
                };
                let is_said = seen.ran.stderr.contains(code) && seen.ran.stderr.contains("help: ");
                seen.check(is_said, "it does not say what happened, and what to do");
                let is_right = match seen.ran.code {
                    1 => is_untouched(),
                    // To adopt something changes nothing in Make, and is a step.
                    4 => seen.ran.stdout.contains("Apply incomplete:"),
                    _ => false,
                };
                seen.check(
                    is_right,
                    "the exit code says another thing than the account",
                );
            }
        }
    }

    /// Looks at the errors' codes and at the help.
    fn check_errors(&self, seen: &mut Seen) {
        let codes = self.codes();
        for line in seen.errors() {
            let is_right = |code: &&&str| line.starts_with(&format!("error[{code}]"));
            let wrong = format!("the code of {line:?} is none of {codes:?}");
            seen.check(codes.iter().any(|code| is_right(&code)), &wrong);
        }
        let helps = seen.ran.stderr.matches("= help: ").count();
        seen.check(helps == seen.errors().len(), "an error without help");
    }

    /// Whether the fault is one that the client gets over at this request.
    fn must_go_on(&self, struck: &Asked) -> bool {
        if self.lasts {
            return false;
        }
        let what = self.what.fault();
        let (name, rest) = what.split_once(' ').unwrap_or((what, ""));
        let is_undone = matches!(name, "latency" | "unreachable" | "429");
        let is_safe = struck.method.is_read() || !self.is_sent_once(struck);
        let is_found = rest == "after" || matches!(name, "reset" | "truncated");
        is_undone || (!is_refusal(name) && (is_safe || is_found))
    }

    /// Whether nothing can be done about the fault at this request. Some lists the client can do
    /// without, and a data store is deleted in the way of Make's own client where the documented
    /// one is not understood.
    fn must_stop(&self, struck: &Asked) -> bool {
        let name = self.what.fault().split(' ').next().unwrap_or_default();
        let is_put_otherwise =
            name == "400" && struck.method == Method::Delete && struck.path == "/data-stores";
        is_refusal(name) && name != "404" && !struck.method.is_read() && !is_put_otherwise
    }

    /// Whether doing a request twice may do something twice: make a thing, or run a scenario,
    /// which the start of one does.
    fn is_sent_once(&self, asked: &Asked) -> bool {
        match asked.method {
            Method::Post => true,
            Method::Patch => self.stage.dialect == Dialect::Unified,
            Method::Get | Method::Put | Method::Delete => false,
        }
    }

    /// The codes that may tell of the fault: its own, and those of what comes of it.
    fn codes(&self) -> Vec<&'static str> {
        let own = match self.what.fault().split(' ').next().unwrap_or_default() {
            "unreachable" | "drop" | "hang" | "reset" => "account-unreached",
            "truncated" | "html" | "204" => "answer-unreadable",
            "401" => "token-refused",
            "403" => "access-denied",
            _ => "request-refused",
        };
        let mut codes = vec![own, "scenario-left-off", "step-failed"];
        if own == "request-refused" && self.what.fault().starts_with("404") {
            // A thing that is not found is gone, and so is one that lacks a part.
            codes.extend(["step-stale", "scenario-unhealthy", "account-not-found"]);
        }
        codes
    }
}

/// Whether an answer says no for good.
fn is_refusal(name: &str) -> bool {
    matches!(name, "302" | "400" | "401" | "403" | "404" | "409" | "501")
}

/// Looks at what is said of the steps.
fn check_steps(seen: &mut Seen) {
    let (stdout, stderr) = (seen.ran.stdout.clone(), seen.ran.stderr.clone());
    let failed = seen.failed();
    let is_told = !failed.is_empty() || stdout.contains(": not reached");
    seen.check(is_told, "no step is said to have failed");
    for address in failed {
        let is_named = stderr.contains(&address);
        seen.check(is_named, &format!("no error names {address}"));
    }
    let next = ["To go on with the rest", "To see what is to be done"];
    let says_next = next.iter().any(|words| stdout.contains(words));
    seen.check(says_next, "it does not say what to do next");
}

/// What nobody may see: the token, and where hooks take requests.
fn secrets(world: &World) -> Vec<String> {
    let mut secrets = vec![TOKEN.to_owned()];
    let read = world.batch(|batch| {
        batch.each(Collection::Hooks, |_, hook| {
            let values = ["udid", "url"].into_iter();
            secrets.extend(values.filter_map(|key| hook[key].as_str().map(str::to_owned)));
        })
    });
    read.unwrap();
    secrets
}
