//! A small TCP proxy between uturn and a server, which cuts the connection at a wanted packet.

use crate::support::server::Db;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// What is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lost {
    /// The server gets the packet; its answer is dropped.
    Answer,
    /// The server never gets the packet.
    Request,
    /// The server gets the packet; its answer never comes, and the connection stays.
    Word,
    /// The server gets the packet; in place of its last answer comes that of a KILL QUERY.
    Meaning,
}

#[derive(Default)]
struct State {
    /// Commands so far that hold the text, over all connections.
    seen: AtomicUsize,
    /// The texts of COM_QUERY.
    queries: Mutex<Vec<String>>,
    streams: Mutex<Vec<TcpStream>>,
    /// Nothing passes any more, and no connection is closed.
    is_silent: AtomicBool,
    cut: Mutex<Option<Cut>>,
    is_over: AtomicBool,
}

/// The command to lose.
#[derive(Clone, Copy)]
struct Cut {
    /// A text in it; all commands hold the empty one.
    needle: &'static str,
    /// Counted from 1; none is the 0th.
    nth: usize,
    lost: Lost,
}

/// A running proxy. It listens until it is dropped.
pub struct Proxy {
    /// Where it listens.
    pub port: u16,
    state: Arc<State>,
}

impl Proxy {
    /// Drops the answer to the `nth` command, from 1, whose text holds `needle`; 0 drops none, and only counts.
    pub fn start(server: &str, needle: &'static str, nth: usize) -> Proxy {
        Proxy::losing(server, needle, nth, Lost::Answer)
    }

    /// The same, for what is lost of it.
    pub fn losing(server: &str, needle: &'static str, nth: usize, lost: Lost) -> Proxy {
        let to = server.to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("it is bound").port();
        let state = Arc::new(State { cut: Mutex::new(Some(Cut { needle, nth, lost })), ..State::default() });
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                if shared.is_over.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(server) = TcpStream::connect(&to) else { continue };
                join(client, server, &shared);
            }
        });
        Proxy { port, state }
    }

    /// How many commands held the text.
    pub fn seen(&self) -> usize {
        self.state.seen.load(Ordering::SeqCst)
    }

    /// The URL of a database, through here.
    pub fn url(&self, db: &Db) -> String {
        db.url().replace(&db.server.address(), &format!("127.0.0.1:{}", self.port))
    }

    /// The texts sent so far.
    pub fn queries(&self) -> Vec<String> {
        self.state.queries.lock().expect("no thread panics with it").clone()
    }

    /// From now on nothing passes, and no connection is closed: so looks a host that has lost its power or its network.
    pub fn fall_silent(&self) {
        self.state.is_silent.store(true, Ordering::SeqCst);
    }

    /// Loses the `nth` command from now on, from 1.
    pub fn lose(&self, nth: usize, lost: Lost) {
        let mut cut = self.state.cut.lock().expect("no thread panics with it");
        self.state.seen.store(0, Ordering::SeqCst);
        *cut = Some(Cut { needle: "", nth, lost });
    }

    /// Cuts every connection there is now, and says whether one of them was still whole.
    pub fn cut_all(&self) -> bool {
        let mut streams = self.state.streams.lock().expect("no thread panics with it");
        streams.drain(..).filter(|stream| stream.shutdown(Shutdown::Both).is_ok()).count() > 0
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.state.is_over.store(true, Ordering::SeqCst);
        // Wakes the thread that listens.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn join(client: TcpStream, server: TcpStream, state: &Arc<State>) {
    let (Ok(c2), Ok(s2), Ok(c3), Ok(s3)) =
        (client.try_clone(), server.try_clone(), client.try_clone(), server.try_clone())
    else {
        return;
    };
    state.streams.lock().expect("no thread panics with it").extend([c3, s3]);
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let (state, shared) = (Arc::clone(state), Arc::clone(state));
    let fate = Arc::new(Mutex::new(None));
    let fate_here = Arc::clone(&fate);
    std::thread::spawn(move || {
        let _ = requests(client, server, &state, &fate_here);
    });
    std::thread::spawn(move || {
        let _ = answers(s2, c2, &shared, &fate);
    });
}

/// Packet by packet: three bytes of length, a sequence number, which is 0 where a command begins.
fn requests(mut from: TcpStream, mut to: TcpStream, state: &State, fate: &Mutex<Option<Lost>>) -> std::io::Result<()> {
    loop {
        let mut packet = vec![0; 4];
        let is_closed = from.read_exact(&mut packet).is_err();
        if state.is_silent.load(Ordering::SeqCst) {
            // The server's side of the connection stays open in `streams`.
            return Ok(());
        }
        if is_closed {
            return to.shutdown(Shutdown::Both);
        }
        let length = u32::from_le_bytes([packet[0], packet[1], packet[2], 0]) as usize;
        packet.resize(4 + length, 0);
        from.read_exact(&mut packet[4..])?;
        // COM_QUIT is no command of interest: nobody waits for an answer.
        let is_command = packet[3] == 0 && packet.get(4) != Some(&1);
        if is_command {
            if packet.get(4) == Some(&3) {
                let text = String::from_utf8_lossy(&packet[5..]).into_owned();
                state.queries.lock().expect("no thread panics with it").push(text);
            }
            let cut = state.cut.lock().expect("no thread panics with it").expect("set at the start");
            let is_it = String::from_utf8_lossy(&packet[4..]).contains(cut.needle);
            if is_it && state.seen.fetch_add(1, Ordering::SeqCst) + 1 == cut.nth {
                if cut.lost == Lost::Request {
                    from.shutdown(Shutdown::Both)?;
                    return to.shutdown(Shutdown::Both);
                }
                *fate.lock().expect("no thread panics with it") = Some(cut.lost);
            }
        }
        to.write_all(&packet)?;
    }
}

fn answers(mut from: TcpStream, mut to: TcpStream, state: &State, fate: &Mutex<Option<Lost>>) -> std::io::Result<()> {
    let mut buffer = [0; 16 * 1024];
    loop {
        let length = from.read(&mut buffer).unwrap_or(0);
        let mut fate = fate.lock().expect("no thread panics with it");
        if length == 0 || *fate == Some(Lost::Answer) {
            let _ = from.shutdown(Shutdown::Both);
            return to.shutdown(Shutdown::Both);
        }
        if *fate == Some(Lost::Meaning) {
            let (passed, is_over) = killed(&buffer[..length]);
            if is_over {
                *fate = None;
            }
            to.write_all(&passed)?;
        } else if !state.is_silent.load(Ordering::SeqCst) && *fate != Some(Lost::Word) {
            to.write_all(&buffer[..length])?;
        }
    }
}

/// The answers to a packet, up to the last one, in whose place comes the error of a KILL QUERY; and whether that was among
/// them. An OK_Packet says whether there are more to come.
fn killed(mut answers: &[u8]) -> (Vec<u8>, bool) {
    const MORE_RESULTS: u8 = 8;
    let mut passed = Vec::new();
    while let [length, _, _, sequence, packet @ ..] = answers {
        let length = usize::from(*length);
        // Two numbers of one byte each stand before the status: few rows are changed here.
        if packet[0] != 0 || packet[3] & MORE_RESULTS == 0 {
            passed.extend([0x28, 0, 0, *sequence]);
            passed.extend(b"\xff\x25\x05#70100Query execution was interrupted");
            return (passed, true);
        }
        passed.extend(&answers[..4 + length]);
        answers = &packet[length..];
    }
    (passed, false)
}
