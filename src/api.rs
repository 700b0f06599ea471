//! The face for Rust applications that run their own migrations at start-up.

use crate::command::{Answer, Guards, Mode, up as command_up};
use crate::db::connect::Access;
use crate::db::connect::ClusterUse;
use crate::db::url;
use crate::engine::job::Job;
use crate::engine::job::{RunContext, Warnings, host_name};
use crate::error::Result;
use crate::event::Listener;
use crate::migration::lock_wait::Patience;
use crate::migration::pair::Migration;
use crate::migration::plan::{Late, UpTo};
use crate::source::folder::Empty;
use crate::source::{embedded, folder};
use std::path::Path;
use std::time::Duration;

/// Migrations in time order, each with its way back.
#[derive(Clone, Debug)]
pub struct Migrations(Vec<Migration>);

impl Migrations {
    /// Those that [`crate::scripts!`] builds into the application.
    pub fn built_in(scripts: embedded::Scripts) -> Result<Migrations> {
        embedded::load(scripts).map(Migrations)
    }

    /// Those of a folder, read now. A folder without any is an error: it may be one that was not mounted.
    pub fn from_folder(path: impl AsRef<Path>) -> Result<Migrations> {
        Ok(Migrations(folder::load(path.as_ref(), Empty::Refused)?.strict()?))
    }
}

/// Which database, and how patient to be.
#[derive(Clone, Debug)]
pub struct Settings {
    access: Access,
    /// How long to wait for another runner on the same database; one minute by default.
    pub wait: Duration,
    /// How patient a statement is with other sessions' locks.
    pub patience: Patience,
    /// Run in a database that has tables, views, routines or events, but no history of migrations; refused by default.
    pub allow_non_empty: bool,
}

impl Settings {
    /// `mysql://user:password@host:port/database`, with the parameters that `DATABASE_URL` knows. The password is shown
    /// in no message and no Debug print.
    pub fn from_url(url: &str) -> Result<Settings> {
        let mut access = url::parse(url)?;
        access.program = "uturn (library)".to_owned();
        Ok(Settings { access, wait: Duration::from_secs(60), patience: Patience::default(), allow_non_empty: false })
    }

    /// States that no other runner is at work on any node, so that one node of a Galera cluster, or of a group in multi-primary
    /// mode, may be written to; the locks hold on one node only.
    pub fn allow_cluster(mut self) -> Settings {
        self.access.cluster = ClusterUse::Allowed;
        self
    }
}

/// Runs what is pending, as `uturn up` does: under the lock, each statement exactly once. Several instances of an
/// application may start at the same time; one runs, the others wait and find nothing to do.
///
/// # Errors
///
/// As the command; [`crate::error::Kind::exit_code`] tells whether the database was touched.
pub fn up(settings: &Settings, migrations: &Migrations, listener: &mut Listener<'_>) -> Result<()> {
    let job = Job {
        access: &settings.access,
        migrations: &migrations.0,
        unnamed: &[],
        wait: settings.wait,
        context: RunContext {
            signals: &|| None,
            begin: &|| (),
            patience: settings.patience,
            os_user: "library",
            host: &host_name(),
            warnings: Warnings::Tell,
            resume: "uturn up",
            stop_behind: None,
        },
        now: time::OffsetDateTime::now_utc(),
    };
    let guards = Guards {
        production: None,
        allow_production: false,
        allow_protected: None,
        allow_non_empty: settings.allow_non_empty,
        retype: &|_| None,
        choose: &|_, _| Answer::Nobody,
        confirm: &|| Answer::Nobody,
    };
    command_up::run(&job, &guards, &UpTo::Everything, Late::Run, Mode::Run, listener).map(drop)
}
