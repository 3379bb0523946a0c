//! The thin binary: streams in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    makeform::cli::main()
}
