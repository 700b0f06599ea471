//! Runs migrations in a scratch database and compares: every down must revert its up. For each migration in order: up,
//! down, and everything is as before; up again, and everything is as after the first. At the end all the way down, until
//! nothing is left, and up again.

mod blame;
pub mod fill;
mod offer;
mod partial;
mod rows;
pub mod script_run;
mod sequence;

use crate::db::connect::Access;
use crate::db::flavour::Flavour;
use crate::db::packet;
use crate::db::scratch_database::Scratch;
use crate::db::scratch_server::Throwaway;
use crate::db::server::Server;
use crate::engine::job::Job;
use crate::error::Result;
use crate::event::prove::{Finding, Proved};
use crate::event::{Event, Listener};
use crate::migration::pair::{File, Migration};
use crate::migration::plan;
use crate::proof::fill::{Filler, Wish};
use crate::proof::script_run::{Rehearsal, Script, Whose};
use crate::statement::outside_database::Databases;
use rows::Filling;
pub use sequence::Partial;
use sequence::{Course, Pair};
use std::path::PathBuf;
use std::time::Instant;

/// What is to be proven, and where.
#[derive(Clone, Debug)]
pub struct Request {
    /// The first migration to prove; those before it are only applied.
    pub from: Option<String>,
    /// Made-up rows in each table.
    pub wish: Option<Wish>,
    /// Whether losing values is a failure.
    pub no_loss: bool,
    /// Start a server in this folder for temporary files, instead of using the configured one.
    pub throwaway: Option<PathBuf>,
    /// Whether stops part-way are tried.
    pub partial: Partial,
}

/// Proves it. Says whether each down reverts its up.
pub fn run(job: &Job<'_>, request: &Request, listener: &mut Listener<'_>) -> Result<bool> {
    let started = Instant::now();
    let from = first(job.migrations, request.from.as_deref())?;
    // From here on a signal ends the proof and not the process: the throwaway database must go.
    (job.context.begin)();
    let signal = || (job.context.signals)().map(|(signal, _)| signal);
    let own_server = match &request.throwaway {
        Some(folder) => Some(Throwaway::start(folder, &job.access.program, &signal)?),
        None => None,
    };
    let (access, whose) = match &own_server {
        Some(server) => (&server.access, Whose::Throwaway),
        None => (job.access, Whose::Shared),
    };
    let mut scratch = Scratch::make(access)?;
    let rehearsal = Rehearsal::open(&scratch.access)?;
    let databases = databases(access, whose, &mut scratch)?;
    let pairs = pairs(job.migrations, &rehearsal.server, &databases, whose)?;
    let server = words(&rehearsal.server);
    let filler = match request.wish {
        Some(wish) => Some(Filler::open(&scratch.access, rehearsal.server.flavour, wish)?),
        None => None,
    };
    let filling = Filling::new(filler, request.no_loss);
    let mut course = Course::new(scratch, rehearsal, pairs, filling, job, request.partial);
    let (mut proven, mut unproven, mut irreversible) = (0, 0, 0);
    let way = course.run(from, &mut |event: Event| {
        if let Event::Verdict(verdict) = &event {
            match &verdict.finding {
                Finding::Proven => proven += 1,
                Finding::Irreversible(_) => irreversible += 1,
                Finding::NotProven(_) | Finding::NotReached => unproven += 1,
            }
        }
        listener(event);
    })?;
    let is_proven = unproven == 0 && way.is_clean();
    listener(Event::Proved(Proved { server, proven, unproven, irreversible, way, elapsed: started.elapsed() }));
    Ok(is_proven)
}

/// The index of the first migration to prove.
fn first(migrations: &[Migration], target: Option<&str>) -> Result<usize> {
    let Some(target) = target else { return Ok(0) };
    let known = crate::engine::history::known(migrations, &[]);
    let rows = plan::survey(&known, &[], None);
    let name = &plan::resolve(&rows, target)?.name;
    Ok(migrations.iter().position(|migration| migration.name == *name).unwrap_or_default())
}

/// The databases that no statement may reach into.
fn databases(access: &Access, whose: Whose, scratch: &mut Scratch) -> Result<Databases> {
    let stand_in = scratch.access.database.clone();
    let list = packet::ask(scratch.session(), "SHOW DATABASES").map_err(|error| access.explain(&error))?;
    let own = (whose == Whose::Shared).then(|| access.database.clone());
    // What is only read there is harmless.
    let is_other = |name: &String| {
        *name != stand_in
            && own.as_ref() != Some(name)
            && !matches!(name.as_str(), "information_schema" | "performance_schema")
    };
    let others = list[0].iter().map(|row| packet::word(row, 0)).filter(is_other).collect();
    Ok(Databases { own, stand_in, others })
}

/// All scripts, cut and looked through before the first one runs.
fn pairs(migrations: &[Migration], server: &Server, databases: &Databases, whose: Whose) -> Result<Vec<Pair>> {
    let read = |file: &File| Script::read(file, server.modes(), databases, whose);
    let pair = |migration: &Migration| {
        let scripts = migration.scripts()?;
        let down = match scripts.down.irreversible {
            Some(reason) => Err(reason),
            None => Ok(read(scripts.down.file)?),
        };
        Ok(Pair::new(migration.name.clone(), read(scripts.up)?, down))
    };
    migrations.iter().map(pair).collect()
}

fn words(server: &Server) -> String {
    let number = server.version.split('-').next().unwrap_or_default();
    match server.flavour {
        Flavour::MariaDb => format!("MariaDB {number}"),
        Flavour::MySql => format!("MySQL {number}"),
    }
}
