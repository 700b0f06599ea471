//! The only room that speaks to a server.
//!
//! `url` and `connect` open connections, `own_settings` says what uturn's own do not leave to the server, `send` sends one packet
//! and reads every answer to its end, `sql` quotes, `errno` names error numbers, `server` knows what the server is, `topology`
//! whether it may be written to, `lock` lets one runner in. `history` and `journal` are the tables, `content` what else there is.
//! `task` says which script runs, `half_run` what of a down may destroy data, `preflight` finds what can be known before its first statement, `session` and `steps`
//! run its statements, each exactly once, and `runner` is the seam to refinery. `evidence` (with `catalogue` and `gtid`) and `recover`
//! find out what became of a statement after a crash; `writes` knows what is behind views and triggers, `body` what a CALL runs. `watch` looks on while one runs, `blockers` tells
//! who keeps it waiting. `scratch` makes a throwaway database, `throwaway` a throwaway server; `rehearsal` runs scripts there,
//! `definition` reads what they have made, `inspect` reads tables as values, `fill` makes rows up for them. `failpoint` marks where a test may cut.

pub mod blockers;
pub mod body;
pub mod catalogue;
pub mod connect;
pub mod content;
pub mod count;
pub mod definition;
pub mod errno;
pub mod evidence;
pub mod failpoint;
pub mod fill;
pub mod gtid;
pub mod half_run;
pub mod history;
pub mod inspect;
pub mod journal;
pub mod likeness;
pub mod local_file;
pub mod lock;
pub mod losses;
pub mod own_settings;
pub mod preflight;
pub mod present;
pub mod probe;
pub mod protection;
pub mod recover;
pub mod rehearsal;
pub mod runner;
pub mod scratch;
pub mod send;
pub mod server;
pub mod session;
pub mod sql;
pub mod steps;
pub mod stock;
pub mod task;
pub mod throwaway;
pub mod topology;
pub mod url;
pub mod watch;
pub mod writes;
