//! What a command reads, says, refuses and exits with: the real binary against real servers. `scripts/test` starts them.

#[path = "../support/mod.rs"]
mod support;

mod bad_input;
mod check;
mod contract;
mod documented_sql;
mod edited_files;
mod embedded_migrations;
mod example_migrations;
mod exit_codes;
mod failure_causes;
mod faulty;
mod help;
mod hints;
mod json;
mod library;
mod log;
mod new;
mod output;
mod plan;
mod protect;
mod prove;
mod reference;
mod refused_connections;
mod resolve;
mod rights;
mod scripts;
mod secrets;
mod settings;
mod target;
mod terminal;
mod undo;
mod up;
mod which_migrations;
