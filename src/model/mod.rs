//! Pure values and decisions: no I/O, no clock, no environment, no server. Nothing here can fail for an outside reason.
//!
//! `name`, `migration`, `state`, `refusal` and `plan` are about files and their order. The others read SQL: `lexer` and `scanner` make
//! tokens, `statement` cuts a script (with `compound`, `client`, `find` and `sql_mode` behind it), `kind`, `ddl`, `data`, `targets` and
//! `names` tell what a statement is about, `redefine` whether an ALTER TABLE always changes the definition, `idle` whether a script does anything, `parts` what it
//! makes and takes away by name, `touch` and `reach` what it can change and where, `shape` what many INSERTs have in common,
//! `encoding` says what a file is that is not UTF-8, `directive` reads comments addressed to uturn, `patience` what
//! they say of locks. `session` tells what a statement reads of its session and leaves there, `repeatable` what comes out the
//! same when it is run again, `past` what a run that goes on must do without. `snapshot` is what all of it makes, as the server writes it
//! down (`collation`: a column's character set), `difference` compares two, `remedy` proposes what would make one the other,
//! and `schema` is its tables as values.
//! `effects` reads what a statement removes, creates and renames; `stage` follows that through scripts, from what is `present`.
//! `alter` reads what `plan` asks the server about, `cost` is the answer, and `gate` holds it against its limits.
//!
//! `build.rs` compiles this room as well, so that the build and `--dir` judge files by the same rules.

pub mod alter;
pub mod cause;
pub mod check;
pub mod client;
pub mod collation;
pub mod compound;
pub mod cost;
pub mod data;
pub mod ddl;
pub mod difference;
pub mod directive;
pub mod effects;
pub mod encoding;
pub mod fill;
pub mod find;
pub mod gate;
pub mod idle;
pub mod kind;
pub mod lexer;
pub mod migration;
pub mod name;
pub mod names;
pub mod native;
pub mod parts;
pub mod past;
pub mod patience;
pub mod plan;
pub mod position;
pub mod present;
pub mod reach;
pub mod redefine;
pub mod refusal;
pub mod remedy;
pub mod repeatable;
pub mod scanner;
pub mod schema;
pub mod secrets;
pub mod session;
pub mod shape;
pub mod snapshot;
pub mod sql_mode;
pub mod stage;
pub mod state;
pub mod statement;
pub mod targets;
pub mod text;
pub mod touch;
