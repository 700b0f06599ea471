//! The binary: see `uturn::cli`.

fn main() -> std::process::ExitCode {
    uturn::cli::main()
}
