//! Talks to a server and knows nothing of migrations.
//!
//! `url` and `connect` open connections, `own_settings` is what uturn's own do not leave to the server, `packet` sends and reads
//! every answer to its end, `quote` quotes, `error_code` names error numbers. `server` knows what the server is, `topology`
//! whether it may be written to, `catalogue`, `present`, `count` and `gtid` what is in it, `non_transactional` what is behind
//! views and triggers. `monitor` watches a statement while it runs, `blockers` names who keeps it waiting.
//! `scratch_database` and `scratch_server` make what is dropped afterwards, `read_snapshot` and `read_tables` read what a
//! database holds as values. `failpoint` marks where a test may stop the program.

pub mod blockers;
pub mod catalogue;
pub mod connect;
pub mod content;
pub mod count;
pub mod error_code;
pub mod failpoint;
pub mod flavour;
pub mod gtid;
pub mod local_infile;
pub mod monitor;
pub mod non_transactional;
pub mod own_settings;
pub mod packet;
pub mod present;
pub mod quote;
pub mod read_snapshot;
pub mod read_tables;
pub mod scratch_database;
pub mod scratch_server;
pub mod server;
pub mod topology;
pub mod url;
