//! Drives the real binary against real servers. `scripts/test` starts them.

mod support;

mod announced;
#[cfg(feature = "failpoints")]
mod another_server;
mod bad_input;
#[cfg(feature = "failpoints")]
mod behind;
mod budget;
mod by_hand;
#[cfg(feature = "failpoints")]
mod called;
mod causes;
mod check;
mod check_tables;
mod client;
mod cluster;
mod contract;
#[cfg(feature = "failpoints")]
mod crash;
#[cfg(feature = "failpoints")]
mod cut_drop;
mod docs;
#[cfg(feature = "failpoints")]
mod doubt;
mod dump;
mod edited;
mod embed;
mod env_file;
mod going_on;
mod half_run;
mod half_run_drops;
mod help;
mod hints;
mod idle_down;
mod inspect;
mod json;
mod kept_down;
mod large;
mod leaks;
mod library;
mod local_file;
mod locks;
mod log;
mod lost_answers;
mod lost_packets;
mod marsai;
#[cfg(feature = "failpoints")]
mod meanwhile;
mod midway;
mod new;
mod newest;
mod next_second;
mod non_empty;
mod nothing;
mod one_row;
mod only_read;
mod option_file;
mod orphan;
mod output;
mod partial;
mod plan;
mod plan_forms;
mod production;
mod protect;
mod prove;
mod prove_mutants;
mod prove_offers;
mod prove_traces;
mod prove_traps;
mod race;
#[cfg(feature = "failpoints")]
mod read_again;
mod refinery;
mod refused;
mod rights;
mod rows;
mod runbook;
mod scripts;
mod secrets;
mod sequelize;
mod server_settings;
mod set;
mod settings;
mod shared_commit;
#[cfg(feature = "failpoints")]
mod shown;
#[cfg(feature = "failpoints")]
mod signal_in_a_wait;
#[cfg(feature = "failpoints")]
mod signals;
mod silence;
mod skipped_by_the_server;
mod splitter;
mod target;
mod terminal;
mod tidy;
#[cfg(feature = "failpoints")]
mod torture;
#[cfg(feature = "failpoints")]
mod traces;
mod tried_again;
mod upgrade;
mod warnings;
mod what_goes;
mod which_migrations;
