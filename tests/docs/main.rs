//! The documents and the source as texts. Needs no server.

#[path = "../support/mod.rs"]
mod support;

mod rooms;
mod runbook;
mod site;
mod tidy;
