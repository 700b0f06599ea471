//! What every test uses: servers, databases of its own, folders of scripts, and the binary.

#![allow(dead_code, unused_imports, unused_macros, reason = "each binary of tests uses a part of it")]

pub mod app;
pub mod aside;
pub mod docs;
pub mod live;
pub mod nobody;
pub mod own;
pub mod pause;
pub mod proxy;
pub mod script;
pub mod server;
