//! A port where no server listens, whatever else runs on this machine.

use std::net::{TcpListener, TcpStream};

/// A port of this test's own. A connection is refused there for as long as this lives.
pub struct Nobody {
    /// Its number.
    pub port: u16,
    // The near end of a connection has the port, and does not listen there. So nobody else can.
    _listener: TcpListener,
    _connection: TcpStream,
}

impl Nobody {
    /// Takes a port.
    pub fn new() -> Nobody {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let connection = TcpStream::connect(listener.local_addr().expect("it is bound")).expect("it listens");
        let port = connection.local_addr().expect("it is connected").port();
        Nobody { port, _listener: listener, _connection: connection }
    }

    /// `127.0.0.1:PORT`
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}
