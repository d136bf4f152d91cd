//! The `chartscribe` program: reads the command line and calls the subcommand.
//!
//! Not for: any work of its own.

use std::process::ExitCode;

fn main() -> ExitCode {
    chartscribe::cli::main()
}
