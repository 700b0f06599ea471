//! Each statement takes effect exactly once, whatever dies, waits or runs beside it. `scripts/test` starts the servers.

#[path = "../support/mod.rs"]
mod support;

mod another_server;
mod budget;
mod calls;
mod clusters;
mod crash;
mod create_time;
mod display_settings;
mod dump;
mod exactly_once;
mod failed_statements;
mod indirect_writes;
mod interrupted_drop;
mod journal_upgrade;
mod large_scripts;
mod load_data_local;
mod lock_retry;
mod lock_waits;
mod lost_answers;
mod lost_packets;
mod lost_run_lock;
mod one_journal_row;
mod races;
mod read_tables;
mod refinery;
mod resume;
mod server_settings;
mod session_isolation;
mod set_statements;
mod shared_commit;
mod signals;
mod skipped_by_server;
mod splitter;
mod statement_without_runner;
mod tables_only_read;
mod unknown_outcome;
mod vanished_host;
mod warnings;
