//! Looks over the executing session's shoulder: tells that a statement is alive, who keeps it waiting, and ends it when
//! asked twice, or once while it only waits for another session's lock.
//!
//! The work runs on a thread of its own, and tells what happens; the caller's thread, which signals come to, wakes up now
//! and then and looks on. It asks on the session that holds the run lock, which is open anyhow: where queries pile up
//! behind a lock, the server may have no connection left. It only reads, in statements that commit by themselves, and only
//! once a statement takes half a second.

use crate::db::blockers::{self, Waiting};
use crate::db::failpoint;
use crate::db::flavour::Flavour;
use crate::db::packet;
use crate::event::{Busy, Event, Listener, Progress, Signal, Stopping, Then, Waits};
use crate::script::lexer::Modes;
use mysql::Conn;
use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

/// What the executing session and its watcher share.
#[derive(Default)]
pub struct Watch {
    /// The session to ask on, as long as its lock is held.
    post: Mutex<Weak<Mutex<Conn>>>,
    /// What the server is, once that is known.
    flavour: Mutex<Option<Flavour>>,
    /// The executing session; 0 before there is one.
    executing: AtomicU64,
    doing: Mutex<Option<Doing>>,
    /// A signal was heard.
    stopping: AtomicBool,
    /// MySQL's stages are not for this account.
    no_stages: AtomicBool,
}

/// What is under way.
pub struct Doing {
    /// Which statement.
    pub busy: Busy,
    /// The session that executes it.
    pub session: u64,
    /// Its beginning, where it names its tables.
    pub head: String,
    /// How many bytes are sent.
    pub size: usize,
    /// How that is read.
    pub modes: Modes,
    /// Where its names without a schema are.
    pub schema: String,
    /// Since when.
    pub since: Instant,
    /// What was found of those that keep it waiting.
    pub waits: Option<Waits>,
    /// What the first signal does while it waits for a lock.
    pub first_signal: FirstSignal,
}

/// What the first signal does to a statement that waits for another session's lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstSignal {
    /// The wait ends: nothing of the statement has run, or its transaction takes it back.
    EndsTheWait,
    /// It goes on: a part of the statement may have run, or this process alone knows what it is about to write.
    IsHeardLater,
}

/// How often the watcher wakes up. A signal that comes twice within this time counts once: some supervisors send each
/// one twice.
const TICK: Duration = Duration::from_millis(100);
/// Before the shortest wait for a lock, one second, has ended.
const FIRST_LOOK: Duration = Duration::from_millis(500);
const EACH_LOOK: Duration = Duration::from_secs(1);
/// How long a statement that was killed may seem to be idle.
const BEHIND_A_KILL: Duration = Duration::from_secs(4);
/// Bytes a second.
const SLOWEST_LINE: usize = 8 * 1024;
/// Longer ones are not looked through for the tables that they name.
pub const HEAD: usize = 4096;

impl Watch {
    /// The session that may be asked on, and the one that is watched: from now on it may not wait without end.
    pub fn stand(&self, conn: &Arc<Mutex<Conn>>, executing: u64) {
        *lock(&self.post) = Arc::downgrade(conn);
        self.executing.store(executing, Ordering::SeqCst);
    }

    /// What the server is: from now on statements are looked at.
    pub fn knows(&self, flavour: Flavour) {
        *lock(&self.flavour) = Some(flavour);
    }

    /// A statement is about to be sent.
    pub fn begin(&self, doing: Doing) {
        *lock(&self.doing) = Some(doing);
    }

    /// It has ended. While it is being killed, this waits: the KILL must not hit the next one.
    pub fn end(&self) -> Option<Doing> {
        lock(&self.doing).take()
    }

    /// Whether a wait is to end, because a signal was heard.
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    fn ask<T>(&self, question: impl FnOnce(&mut Conn, Flavour) -> mysql::Result<T>) -> Option<mysql::Result<T>> {
        let flavour = (*lock(&self.flavour))?;
        let conn = lock(&self.post).upgrade()?;
        let mut conn = lock(&conn);
        Some(question(&mut conn, flavour))
    }

    /// KILL QUERY between two statements of one packet makes both servers forget the rest of the packet without a word, and
    /// the driver waits for its answers without end. A session that has been idle for so long works on none: it is killed,
    /// and the run goes on as behind any lost connection.
    fn end_a_dead_wait(&self, limit: Duration) {
        let (session, limit) = (self.executing.load(Ordering::SeqCst), limit.as_secs());
        let Some(conn) = lock(&self.post).upgrade().filter(|_| session != 0) else { return };
        let mut conn = lock(&conn);
        // MariaDB says `Killed` of one that was idle when KILL QUERY came, and of one that rolls back.
        let question = format!(
            "SELECT 1 FROM information_schema.PROCESSLIST \
             WHERE ID = {session} AND COMMAND IN ('Sleep', 'Killed') AND INFO IS NULL AND TIME >= {limit}"
        );
        let is_dead =
            packet::ask(&mut conn, &question).is_ok_and(|sets| sets.first().is_some_and(|rows| !rows.is_empty()));
        if is_dead && let Err(error) = packet::tell(&mut conn, &format!("KILL {session}")) {
            log::warn!("KILL of a session that waits for nothing: {error}");
        }
    }

    /// KILL QUERY for what only waits for another session's lock: for a statement, or for one of uturn's own that nothing is
    /// known of here. While it is being killed, it cannot end.
    fn end_a_wait(&self) -> Then {
        let doing = lock(&self.doing);
        let session = match doing.as_ref() {
            Some(doing) if doing.first_signal == FirstSignal::IsHeardLater => return Then::Waits,
            Some(doing) => doing.session,
            None => self.executing.load(Ordering::SeqCst),
        };
        let ended = self.ask(|conn, _| {
            let waits = session != 0 && blockers::waits_for_a_lock(conn, session)?;
            if waits {
                packet::tell(conn, &format!("KILL QUERY {session}")).map(|_| Then::EndsTheWait)
            } else {
                Ok(Then::Waits)
            }
        });
        ended.unwrap_or(Ok(Then::Waits)).unwrap_or_else(|error| {
            log::warn!("KILL QUERY of a wait: {error}");
            Then::Waits
        })
    }

    /// KILL QUERY for what is under way. What became of it is found out by the session that sent it.
    fn kill(&self) -> Then {
        let doing = lock(&self.doing);
        let Some(doing) = doing.as_ref() else { return Then::Waits };
        let killed = self.ask(|conn, _| packet::tell(conn, &format!("KILL QUERY {}", doing.session)));
        match killed {
            Some(Ok(_)) => Then::Kills,
            Some(Err(error)) => {
                log::warn!("KILL QUERY: {error}");
                Then::CannotKill
            }
            None => Then::CannotKill,
        }
    }
}

/// A thread that panicked has left nothing half-done in these.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Signals so far: the first one, and how many.
pub type Signals<'a> = &'a (dyn Fn() -> Option<(Signal, u32)> + Sync);

/// Runs the work on a thread of its own, and meanwhile tells what happens and looks on.
pub fn over<T: Send>(
    watch: &Watch,
    signals: Signals<'_>,
    listener: &mut Listener<'_>,
    work: impl FnOnce(&mut Listener<'_>) -> T + Send,
) -> T {
    let now = Instant::now();
    let told = &Mutex::new(Told { listener, since: now });
    std::thread::scope(|scope| {
        let (alive, ended) = sync_channel::<Infallible>(0);
        let worker = scope.spawn(move || {
            // Dropped at the end of the work, by a panic as well.
            let _alive = alive;
            work(&mut |event| {
                let mut told = lock(told);
                told.tell(event);
                told.since = Instant::now();
            })
        });
        let next_check = now + failpoint::idle() / 4;
        let mut watcher = Watcher { watch, signals, told, heard: 0, has_killed: false, next_look: now, next_check };
        while ended.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
            watcher.tick();
        }
        worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })
}

/// The listener, which the work and the watcher share.
struct Told<'a, 'l> {
    listener: &'a mut Listener<'l>,
    /// When the work told something last.
    since: Instant,
}

impl Told<'_, '_> {
    fn tell(&mut self, event: Event) {
        (self.listener)(event);
    }
}

struct Watcher<'a, 't, 'l> {
    watch: &'a Watch,
    signals: Signals<'a>,
    told: &'a Mutex<Told<'t, 'l>>,
    heard: u32,
    has_killed: bool,
    next_look: Instant,
    next_check: Instant,
}

/// What is under way, as far as the watcher needs it while it asks the server.
struct Glance {
    busy: Busy,
    session: u64,
    since: Instant,
    elapsed: Duration,
}

impl Watcher<'_, '_, '_> {
    fn tick(&mut self) {
        self.hear();
        if Instant::now() >= self.next_check {
            let limit = self.longest_idle();
            self.next_check = Instant::now() + limit / 4;
            self.watch.end_a_dead_wait(limit);
        }
        let glance = lock(&self.watch.doing).as_ref().map(|doing| Glance {
            busy: doing.busy.clone(),
            session: doing.session,
            since: doing.since,
            elapsed: doing.since.elapsed(),
        });
        let Some(glance) = glance else { return };
        let now = Instant::now();
        if glance.elapsed < FIRST_LOOK {
            // Many short ones in a row are alive as well.
            self.next_look = self.next_look.max(glance.since + FIRST_LOOK);
            if self.is_quiet() && now >= self.next_look {
                self.next_look = now + EACH_LOOK;
                self.progress(glance, (None, None));
            }
        } else if now >= self.next_look {
            let is_first = glance.elapsed < EACH_LOOK;
            self.next_look = if is_first { glance.since } else { now } + EACH_LOOK;
            let seen = self.look(&glance);
            if !is_first && self.is_quiet() {
                self.progress(glance, seen);
            }
        }
    }

    /// How long the executing session may be idle. It is while a long statement comes over a slow line, too; but a KILL
    /// QUERY of ours ends soon, or not at all.
    fn longest_idle(&self) -> Duration {
        let idle = failpoint::idle();
        let size = lock(&self.watch.doing).as_ref().map(|doing| doing.size);
        match size {
            Some(_) if self.has_killed => idle.min(BEHIND_A_KILL),
            Some(size) => idle + Duration::from_secs((size / SLOWEST_LINE) as u64),
            None if self.has_killed => idle.min(BEHIND_A_KILL),
            None => idle,
        }
    }

    fn is_quiet(&self) -> bool {
        lock(self.told).since.elapsed() >= EACH_LOOK
    }

    fn progress(&self, glance: Glance, seen: (Option<String>, Option<f64>)) {
        let (state, percent) = seen;
        self.tell(Event::Progress(Progress { busy: glance.busy, elapsed: glance.elapsed, state, percent }));
    }

    fn tell(&self, event: Event) {
        lock(self.told).tell(event);
    }

    /// How far the statement is; and if it waits for a lock, who is in the way, before the wait is over and nothing is
    /// to be seen of it any more.
    fn look(&self, glance: &Glance) -> (Option<String>, Option<f64>) {
        let no_stages = &self.watch.no_stages;
        let seen = match self.watch.ask(|conn, flavour| sight(conn, flavour, glance.session, no_stages)) {
            Some(Ok(seen)) => seen,
            Some(Err(error)) => {
                log::debug!("looking at the statement: {error}");
                return (None, None);
            }
            None => return (None, None),
        };
        let is_for_a_table = blockers::is_lock_wait(seen.0.as_deref());
        let waiting =
            lock(&self.watch.doing).as_ref().filter(|doing| doing.since == glance.since).map(|doing| Waiting {
                session: doing.session,
                is_for_a_table,
                head: doing.head.clone(),
                modes: doing.modes,
                schema: doing.schema.clone(),
            });
        if let Some(waiting) = waiting
            && let Some(waits) = self.watch.ask(|conn, flavour| Ok(blockers::of(conn, flavour, &waiting)))
            && let Some(doing) = lock(&self.watch.doing).as_mut().filter(|doing| doing.since == glance.since)
        {
            match waits {
                Ok(Some(waits)) => doing.waits = Some(waits),
                // It works: if it waits later on, a part of it is done.
                Ok(None) => doing.first_signal = FirstSignal::IsHeardLater,
                Err(_) => {}
            }
        }
        seen
    }

    /// The first signal waits for what is under way, unless that only waits for a lock, now or later; the second one kills it.
    fn hear(&mut self) {
        let Some((signal, times)) = (self.signals)() else { return };
        let is_first = self.heard == 0;
        let is_new = times != self.heard;
        self.heard = times;
        self.watch.stopping.store(true, Ordering::SeqCst);
        let under_way = || lock(&self.watch.doing).as_ref().map(|doing| (doing.busy.clone(), doing.since.elapsed()));
        let waits_for = under_way();
        let then = self.watch.end_a_wait();
        let tell = |waits_for, then| self.tell(Event::Stopping(Stopping { signal, waits_for, then }));
        if is_first || then == Then::EndsTheWait && waits_for.is_some() {
            tell(waits_for, then);
        }
        let mut has_killed = then == Then::EndsTheWait;
        if is_new && times > 1 {
            let waits_for = under_way();
            tell(waits_for, self.watch.kill());
            has_killed = true;
        }
        if has_killed {
            self.has_killed = true;
            self.next_check = self.next_check.min(Instant::now() + BEHIND_A_KILL);
        }
    }
}

/// What the process list, and MySQL's stages where they are switched on, say of a session.
fn sight(
    conn: &mut Conn,
    flavour: Flavour,
    session: u64,
    no_stages: &AtomicBool,
) -> mysql::Result<(Option<String>, Option<f64>)> {
    let columns = match flavour {
        Flavour::MariaDb => "STATE, STAGE, MAX_STAGE, PROGRESS",
        Flavour::MySql => "STATE",
    };
    let question = format!("SELECT {columns} FROM information_schema.PROCESSLIST WHERE ID = {session}");
    let rows = packet::ask(conn, &question)?;
    let row = rows.first().and_then(|set| set.first());
    let state = row.map(|row| packet::word(row, 0)).filter(|state| !state.is_empty());
    if flavour == Flavour::MariaDb {
        return Ok((state, row.and_then(mariadb_percent)));
    }
    if no_stages.load(Ordering::Relaxed) || blockers::is_lock_wait(state.as_deref()) {
        return Ok((state, None));
    }
    let question = format!(
        "SELECT s.EVENT_NAME, s.WORK_COMPLETED, s.WORK_ESTIMATED FROM performance_schema.events_stages_current s \
         JOIN performance_schema.threads t ON t.THREAD_ID = s.THREAD_ID \
         WHERE t.PROCESSLIST_ID = {session} AND s.WORK_ESTIMATED > 0"
    );
    let rows = packet::ask(conn, &question).unwrap_or_else(|error| {
        log::debug!("looking at the stages: {error}");
        no_stages.store(true, Ordering::Relaxed);
        Vec::new()
    });
    Ok(match rows.first().and_then(|set| set.first()) {
        Some(row) => {
            let name = packet::word(row, 0);
            let percent = 100.0 * packet::number(row, 1) as f64 / packet::number(row, 2) as f64;
            (Some(name.rsplit('/').next().unwrap_or(&name).to_owned()), Some(percent.min(100.0)))
        }
        None => (state, None),
    })
}

/// MariaDB counts in stages: `2 of 3, 40 %` is 46.7 % in all.
fn mariadb_percent(row: &mysql::Row) -> Option<f64> {
    let (stage, stages) = (packet::number(row, 1), packet::number(row, 2));
    let within: f64 = packet::word(row, 3).parse().ok()?;
    (stage > 0 && stages >= stage).then(|| ((stage - 1) as f64 * 100.0 + within) / stages as f64)
}
