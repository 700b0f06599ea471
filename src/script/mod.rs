//! Splits a script into statements, byte for byte as the mysql client would. It knows no SQL beyond that, and never fails without a place.

pub mod client_command;
pub mod compound_body;
pub mod delimiter;
pub mod directive;
pub mod encoding;
pub mod fault;
pub mod lexer;
pub mod piece;
pub mod position;
pub mod source_text;
pub mod split;
pub mod splitter;
pub mod sql_mode;
