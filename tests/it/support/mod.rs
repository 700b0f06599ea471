//! What every test uses: servers, databases of its own, folders of scripts, and the binary.

pub mod app;
#[cfg(feature = "failpoints")]
pub mod aside;
pub mod own;
pub mod proxy;
#[cfg(feature = "failpoints")]
pub mod script;
pub mod server;
