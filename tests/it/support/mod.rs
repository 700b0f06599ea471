//! What every test uses: servers, databases of its own, folders of scripts, and the binary.

pub mod app;
pub mod aside;
pub mod docs;
pub mod live;
pub mod nobody;
pub mod own;
#[cfg(feature = "failpoints")]
pub mod pause;
#[cfg_attr(not(feature = "failpoints"), allow(dead_code, reason = "the crash tests use all of it"))]
pub mod proxy;
pub mod script;
pub mod server;
