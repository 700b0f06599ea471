//! Runs scripts in a throwaway database: no journal, no history, no lock, since all of it is thrown away in the end. Each
//! script gets a session as new, as it does in `up`.

use crate::db::connect::Access;
use crate::db::scratch_server::interrupted;
use crate::db::server::{self, Server};
use crate::db::{error_code, local_infile, own_settings, packet, quote};
use crate::engine::preflight;
use crate::engine::program::packed::Steps;
use crate::engine::program::step::{Action, Step};
use crate::error::{Error, Kind, Place, Result, Said};
use crate::event::Signal;
use crate::migration::pair::File;
use crate::schema::affected_definitions::Touch;
use crate::script::lexer::{Code, Modes};
use crate::script::position::Position;
use crate::script::source_text::Text;
use crate::statement::outside_database::{self, Beyond, Databases};
use mysql::Conn;
use std::collections::BTreeMap;

/// A script, ready to be run.
#[derive(Clone, Debug)]
pub struct Script {
    /// The file, as the user knows it.
    pub path: String,
    /// Its text.
    pub text: Text,
    /// Its statements.
    pub steps: Steps,
    /// What is sent for those that name the configured database: their text, with the throwaway one's name instead.
    at_home: BTreeMap<usize, String>,
    /// What it can change.
    pub touch: Touch,
}

/// Whose the server is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// Others use it, too.
    Shared,
    /// It goes with the command that started it.
    Throwaway,
}

/// A statement that the server refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Counted from 1.
    pub statement: usize,
    /// What the server said.
    pub said: Said,
}

/// Why a script did not come to its end.
#[derive(Debug)]
pub enum Stop {
    /// The server refuses a statement.
    Refused(Failure),
    /// Nothing more can be rehearsed: the connection is lost, or a signal came.
    Failed(Error),
}

impl Stop {
    /// A failure of the proof itself.
    pub fn into_error(self) -> Error {
        match self {
            Stop::Failed(error) => error,
            Stop::Refused(failure) => {
                Error::new(Kind::Rights, "the throwaway database cannot be entered").said(failure.said)
            }
        }
    }
}

impl Script {
    /// Cuts a file into statements, and refuses what would reach beyond the database.
    pub fn read(file: &File, modes: Modes, databases: &Databases, whose: Whose) -> Result<Script> {
        let steps = preflight::steps(&file.path, &file.text, modes)?;
        let is_built = |step: Step| Code::new(&file.text[step.span.clone()], step.modes).any(|(_, word)| is_run(word));
        let builds_text = steps.iter().any(is_built);
        let mut script = Script {
            path: file.path.clone(),
            text: file.text.clone(),
            at_home: BTreeMap::new(),
            touch: Touch::default(),
            steps: Steps::of(file.text.clone()),
        };
        for step in steps.iter() {
            let text = &file.text[step.span.clone()];
            let found = outside_database::beyond(text, step.modes, databases);
            let in_text =
                || builds_text.then(|| outside_database::beyond_in_strings(text, step.modes, databases)).flatten();
            if let Some(beyond) = found.or_else(in_text).filter(|beyond| is_refused(beyond, whose)) {
                return Err(out_of_bounds(&beyond).at(place(&file.path, &file.text, &step)));
            }
            script.touch.add(Touch::of(text, step.modes));
            let at_home = outside_database::at_home(text, step.modes, databases);
            if at_home != text {
                script.at_home.insert(step.number, at_home);
            }
        }
        script.steps = steps;
        Ok(script)
    }

    /// A statement's text, as it stands in the file.
    pub fn text_of(&self, step: &Step) -> &str {
        &self.text[step.span.clone()]
    }

    /// Whether it can be run by the engine itself, which sends each statement as it stands.
    pub fn is_at_home(&self) -> bool {
        self.at_home.is_empty()
    }

    /// Where a statement stands.
    pub fn place(&self, statement: usize) -> Option<Place> {
        let step = self.steps.get(statement.checked_sub(1)?)?;
        Some(place(&self.path, &self.text, &step))
    }
}

fn place(path: &str, text: &str, step: &Step) -> Place {
    Place::new(path, text, Position::of(text, step.span.start))
}

/// Words that run a text as a statement.
fn is_run(word: &str) -> bool {
    word.eq_ignore_ascii_case("PREPARE") || word.eq_ignore_ascii_case("IMMEDIATE")
}

fn is_refused(beyond: &Beyond, whose: Whose) -> bool {
    match beyond {
        Beyond::Database(_) => true,
        Beyond::Server(_) => whose == Whose::Shared,
    }
}

fn out_of_bounds(beyond: &Beyond) -> Error {
    let nothing = "nothing has been changed";
    match beyond {
        Beyond::Database(name) => Error::new(
            Kind::Files,
            format!("this statement leaves its database for `{name}`, where a throwaway database cannot stand in"),
        )
        .truth(nothing)
        .hint("leave the database's name out; only that of the configured database is understood"),
        Beyond::Server(what) => {
            Error::new(Kind::Files, format!("this statement {what}, so it is not run on a server that others use"))
                .truth(nothing)
                .hint("prove it on a throwaway server, which the command starts itself: `uturn prove --throwaway`")
        }
    }
}

/// A session in the throwaway database.
pub struct Rehearsal {
    /// The session.
    pub conn: Conn,
    /// What the server is.
    pub server: Server,
    access: Access,
    /// A script has changed the session; the next one must not see it.
    touched: bool,
}

impl Rehearsal {
    /// Connects.
    pub fn open(access: &Access) -> Result<Rehearsal> {
        let mut conn = access.open_for_scripts()?;
        let explain = |error: mysql::Error| access.explain(&error);
        let server = server::ask(&mut conn).map_err(explain)?;
        set_up(&mut conn).map_err(explain)?;
        Ok(Rehearsal { conn, server, access: access.clone(), touched: false })
    }

    /// Runs a script to its end, or up to the first statement that the server refuses.
    pub fn run(&mut self, script: &Script, signal: &dyn Fn() -> Option<Signal>) -> std::result::Result<(), Stop> {
        for step in script.steps.iter() {
            let sent = script.at_home.get(&step.number).map_or_else(|| script.text_of(&step), String::as_str);
            if let Some(signal) = signal() {
                return Err(Stop::Failed(interrupted(signal)));
            }
            match step.action {
                // uturn's own transactions are no part of what is proven.
                Action::Boundary | Action::LeaveOut(_) => continue,
                Action::Session | Action::Call => self.touched = true,
                Action::Dml | Action::Ddl(_) | Action::Maintenance | Action::Global => {}
            }
            // A user variable lives as long as the session.
            self.touched |= sent.contains('@');
            let files = &self.access.local_files;
            if let Err(error) = local_infile::send(&mut self.conn, sent, step.modes, files, packet::Rows::Drop) {
                return Err(match error_code::said(&error) {
                    Some(said) if !error_code::is_connection_lost(&error) => {
                        Stop::Refused(Failure { statement: step.number, said })
                    }
                    _ => Stop::Failed(self.lost(&error)),
                });
            }
        }
        self.renew()
    }

    /// Runs a statement that belongs to no script; whether the server takes it.
    pub fn attempt(&mut self, sql: &str) -> Result<bool> {
        self.touched = true;
        match packet::tell(&mut self.conn, sql) {
            Ok(_) => Ok(true),
            Err(error) if error_code::said(&error).is_some() && !error_code::is_connection_lost(&error) => {
                log::debug!("refused: {error}: {sql}");
                Ok(false)
            }
            Err(error) => Err(self.lost(&error)),
        }
    }

    /// Gives the next script a session as new, if the last one changed it.
    pub fn renew(&mut self) -> std::result::Result<(), Stop> {
        if !std::mem::take(&mut self.touched) {
            return Ok(());
        }
        let renewed = self.conn.reset().and_then(|()| set_up(&mut self.conn));
        renewed.map_err(|error| Stop::Failed(self.lost(&error)))?;
        // COM_RESET_CONNECTION keeps the default database, which the script may have changed with USE.
        self.enter()
    }

    /// Makes the throwaway database the session's own: it may have been made anew.
    pub fn enter(&mut self) -> std::result::Result<(), Stop> {
        let enter = format!("USE {}", quote::ident(&self.access.database));
        packet::tell(&mut self.conn, &enter).map(drop).map_err(|error| Stop::Failed(self.lost(&error)))
    }

    /// A statement of ours that failed: the proof cannot go on.
    pub fn lost(&self, error: &mysql::Error) -> Error {
        let told =
            Error::new(Kind::Unreachable, format!("the proof cannot go on on {}: {error}", self.access.endpoint));
        told.truth(
            "nothing has been changed but the throwaway database, which the next run clears if it is still there",
        )
        .hint("run it again")
    }
}

/// As in `up`.
fn set_up(conn: &mut Conn) -> mysql::Result<()> {
    packet::tell(conn, own_settings::for_scripts()).map(drop)
}
