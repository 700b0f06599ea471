//! Runs a script so that each statement takes effect exactly once. The only room that writes the journal and the history.

pub mod apply;
pub mod called_code;
pub mod concurrent_change;
pub mod evidence;
pub mod goal;
pub mod history;
pub mod job;
pub mod journal;
pub mod likeness;
pub mod losses;
pub mod make_tasks;
pub mod partial_undo;
pub mod preflight;
pub mod program;
pub mod protection;
pub mod recovery;
pub mod refinery;
pub mod resume;
pub mod run;
pub mod run_lock;
pub mod session;
pub mod task;
