//! What every test uses: servers, databases of its own, folders of scripts, and the binary.

pub mod app;
pub mod aside;
pub mod own;
pub mod proxy;
pub mod script;
pub mod server;
