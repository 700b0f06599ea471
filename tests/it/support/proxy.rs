//! A TCP proxy that drops the connection instead of passing on the server's answer to one chosen packet: the statement
//! ran, and its client never hears of it.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const COM_QUERY: u8 = 3;

/// A running proxy. Its thread ends with the test's process.
pub struct Proxy {
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
    seen: Arc<AtomicUsize>,
}

impl Proxy {
    /// Drops the answer to the `nth` packet, from 1, whose text holds `needle`; 0 drops none, and only counts.
    pub fn start(server: &str, needle: &'static str, nth: usize) -> Proxy {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let seen = Arc::new(AtomicUsize::new(0));
        let (server, counter) = (server.to_owned(), Arc::clone(&seen));
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(upstream) = TcpStream::connect(&server) else { continue };
                let counter = Arc::clone(&counter);
                std::thread::spawn(move || pass(client, upstream, needle, nth, &counter));
            }
        });
        Proxy { port, seen }
    }

    /// How many packets held the text.
    pub fn seen(&self) -> usize {
        self.seen.load(Ordering::SeqCst)
    }
}

fn pass(mut client: TcpStream, mut server: TcpStream, needle: &str, nth: usize, seen: &AtomicUsize) {
    let (mut answers, mut to_client) = (server.try_clone().expect("a socket"), client.try_clone().expect("a socket"));
    let (drop_now, dropped) = std::sync::mpsc::channel::<()>();
    std::thread::spawn(move || {
        let mut buffer = [0; 65_536];
        while let Ok(length) = answers.read(&mut buffer) {
            if length == 0 || dropped.try_recv().is_ok() || to_client.write_all(&buffer[..length]).is_err() {
                break;
            }
        }
        let _ = to_client.shutdown(Shutdown::Both);
    });
    let mut packet = Vec::new();
    while let Some(()) = read_packet(&mut client, &mut packet) {
        let is_it = packet.get(4) == Some(&COM_QUERY) && String::from_utf8_lossy(&packet[5..]).contains(needle);
        if is_it && seen.fetch_add(1, Ordering::SeqCst) + 1 == nth {
            // From now on nothing reaches the client: the next answer is that of this packet.
            let _ = drop_now.send(());
        }
        if server.write_all(&packet).is_err() {
            break;
        }
    }
    let _ = server.shutdown(Shutdown::Both);
}

/// One packet of the protocol: three bytes of length, a number, the rest.
fn read_packet(from: &mut TcpStream, packet: &mut Vec<u8>) -> Option<()> {
    packet.resize(4, 0);
    from.read_exact(packet).ok()?;
    let length = usize::from(packet[0]) | usize::from(packet[1]) << 8 | usize::from(packet[2]) << 16;
    packet.resize(4 + length, 0);
    from.read_exact(&mut packet[4..]).ok()
}
