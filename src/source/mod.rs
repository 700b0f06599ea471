//! Where migrations come from: built into the binary, or a folder at run time. The rules and messages are the same.

pub mod choice;
pub mod embedded;
pub mod folder;
mod foreign;
