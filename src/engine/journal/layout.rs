//! The journal's two tables: how they are made, and how those of an older uturn are brought up to date.
//!
//! Each table holds the version of its layout in its comment. An upgrade is one ALTER a table and version, which changes the columns and
//! the comment in one; so one that is cut between two of them goes on with the table that still has the old version.
//! No column that is read is ever taken away, and reading commands, which change nothing, do without those that are not
//! there yet.

use crate::db::quote;
use crate::error::{Error, Kind, Result};
use crate::schema::own_tables::{RUN, STEP};

/// What each version has changed in the one before it: the version, the table, the change.
const STEPS: [(u32, &str, &str); 4] = [
    (2, STEP, "ADD COLUMN warning_text TEXT NULL COMMENT 'what the warnings say' AFTER warnings"),
    (
        2,
        RUN,
        "ADD COLUMN down_data ENUM('run', 'skip') NULL \
         COMMENT 'the answer for a half-run migration: what of its down that may destroy data' AFTER takes_back, \
         ADD COLUMN host VARCHAR(255) NOT NULL DEFAULT '' COMMENT 'the machine that uturn ran on' AFTER os_user",
    ),
    // InnoDB keeps the entry of each run that was open until it is purged, and looks through all of them for the next one:
    // docs/decisions/0024.
    (3, RUN, "DROP KEY one_open_run, DROP COLUMN open_key"),
    // One row less for most migrations: docs/decisions/0027.
    (
        4,
        RUN,
        "ADD COLUMN step INT UNSIGNED NULL COMMENT 'its only statement that leaves a trace; of several each has its own row' AFTER rows_affected, \
         ADD COLUMN step_state ENUM('intent', 'done', 'failed', 'partial', 'retry', 'skipped') NULL AFTER step, \
         ADD COLUMN kind VARCHAR(16) NULL AFTER step_state, \
         ADD COLUMN sql_sha256 CHAR(64) NULL AFTER kind, \
         ADD COLUMN sql_head VARCHAR(200) NULL AFTER sql_sha256, \
         ADD COLUMN connection_id BIGINT UNSIGNED NULL AFTER sql_head, \
         ADD COLUMN evidence MEDIUMTEXT NULL COMMENT 'the named objects before the statement' AFTER connection_id, \
         ADD COLUMN warnings INT UNSIGNED NOT NULL DEFAULT 0 AFTER evidence, \
         ADD COLUMN warning_text TEXT NULL COMMENT 'what the warnings say' AFTER warnings, \
         ADD COLUMN decided TEXT NULL COMMENT 'how the outcome is known, if not from the answer' AFTER warning_text",
    ),
];

/// The layout of each table, as it is found; 0 where there is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Versions {
    run: u32,
    step: u32,
}

impl Versions {
    /// Of the tables that this uturn makes.
    pub fn newest() -> Versions {
        Versions { run: newest(RUN), step: newest(STEP) }
    }

    /// Read from the comments of the two tables. Refuses what is no journal, and one that a newer uturn has made.
    pub fn from_comments(run: Option<&str>, step: Option<&str>) -> Result<Versions> {
        Ok(Versions { run: version(RUN, run)?, step: version(STEP, step)? })
    }

    /// Whether the runs tell what a person said of the data.
    pub fn has_down_data(self) -> bool {
        self.run >= 2
    }

    /// Whether the row of a run may hold its only statement.
    pub fn has_own_step(self) -> bool {
        self.run >= 4
    }

    /// Whether the runs tell the machine that uturn ran on.
    pub fn has_host(self) -> bool {
        self.run >= 2
    }
}

/// The ALTERs that bring the tables that are there up to date, in order; none, mostly.
pub fn upgrade(schema: &str, found: Versions) -> Vec<String> {
    let is_due = |(to, table, _): &&(u32, &str, &str)| {
        let version = if *table == RUN { found.run } else { found.step };
        version > 0 && version < *to
    };
    let alter = |(to, table, change): &(u32, &str, &str)| {
        format!(
            "ALTER TABLE {} {change}, ROW_FORMAT=DYNAMIC, COMMENT='uturn journal {to}'",
            quote::table(schema, table)
        )
    };
    STEPS.iter().filter(is_due).map(alter).collect()
}

/// The two tables. They state engine, row format and character set, whatever the defaults are: InnoDB's older row formats hold
/// too little of so many columns.
pub fn create(schema: &str) -> [String; 2] {
    [
        format!(
            "CREATE TABLE IF NOT EXISTS {} (
    run_no BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    name VARCHAR(255) NOT NULL,
    direction ENUM('up', 'down') NOT NULL,
    state ENUM('running', 'stopped', 'done', 'failed', 'undone') NOT NULL,
    checksum VARCHAR(20) NOT NULL COMMENT 'refinery checksum of the up script',
    statements INT UNSIGNED NOT NULL,
    takes_back BIGINT UNSIGNED NULL COMMENT 'the stopped up run that this down run undoes',
    down_data ENUM('run', 'skip') NULL COMMENT 'the answer for a half-run migration: what of its down that may destroy data',
    down_sql LONGBLOB NULL COMMENT 'the way back; SELECT UNCOMPRESS(down_sql)',
    down_sha256 CHAR(64) NULL,
    irreversible TEXT NULL COMMENT 'why there is no way back',
    account VARCHAR(400) NOT NULL,
    os_user VARCHAR(255) NOT NULL,
    host VARCHAR(255) NOT NULL DEFAULT '' COMMENT 'the machine that uturn ran on',
    program VARCHAR(64) NOT NULL,
    server VARCHAR(400) NOT NULL,
    rows_affected BIGINT UNSIGNED NOT NULL DEFAULT 0,
    step INT UNSIGNED NULL COMMENT 'its only statement that leaves a trace; of several each has its own row',
    step_state ENUM('intent', 'done', 'failed', 'partial', 'retry', 'skipped') NULL,
    kind VARCHAR(16) NULL,
    sql_sha256 CHAR(64) NULL,
    sql_head VARCHAR(200) NULL,
    connection_id BIGINT UNSIGNED NULL,
    evidence MEDIUMTEXT NULL COMMENT 'the named objects before the statement',
    warnings INT UNSIGNED NOT NULL DEFAULT 0,
    warning_text TEXT NULL COMMENT 'what the warnings say',
    decided TEXT NULL COMMENT 'how the outcome is known, if not from the answer',
    started_at DATETIME(6) NOT NULL COMMENT 'UTC',
    ended_at DATETIME(6) NULL COMMENT 'UTC',
    error TEXT NULL,
    KEY by_version (version, run_no)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='uturn journal {}'",
            quote::table(schema, RUN),
            newest(RUN)
        ),
        format!(
            "CREATE TABLE IF NOT EXISTS {} (
    run_no BIGINT UNSIGNED NOT NULL,
    step INT UNSIGNED NOT NULL COMMENT 'statement of the script, from 1',
    state ENUM('intent', 'done', 'failed', 'partial', 'retry', 'skipped') NOT NULL,
    kind VARCHAR(16) NOT NULL,
    sql_sha256 CHAR(64) NOT NULL,
    sql_head VARCHAR(200) NOT NULL,
    connection_id BIGINT UNSIGNED NOT NULL,
    evidence MEDIUMTEXT NULL COMMENT 'the named objects before the statement',
    rows_affected BIGINT UNSIGNED NOT NULL DEFAULT 0,
    warnings INT UNSIGNED NOT NULL DEFAULT 0,
    warning_text TEXT NULL COMMENT 'what the warnings say',
    decided TEXT NULL COMMENT 'how the outcome is known, if not from the answer',
    error TEXT NULL,
    started_at DATETIME(6) NOT NULL COMMENT 'UTC',
    ended_at DATETIME(6) NULL COMMENT 'UTC',
    PRIMARY KEY (run_no, step)
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='uturn journal {}'",
            quote::table(schema, STEP),
            newest(STEP)
        ),
    ]
}

/// The layout of a table that this uturn makes and writes.
fn newest(table: &str) -> u32 {
    STEPS.iter().filter(|(_, changed, _)| *changed == table).map(|(to, ..)| *to).max().unwrap_or(1)
}

fn version(table: &str, comment: Option<&str>) -> Result<u32> {
    let Some(comment) = comment else { return Ok(0) };
    let newest = newest(table);
    let found = comment.strip_prefix("uturn journal ").and_then(|v| v.parse::<u32>().ok());
    match found {
        Some(version) if version <= newest => Ok(version),
        Some(version) => Err(Error::new(
            Kind::History,
            format!("the journal `{table}` has version {version}, this uturn knows {newest}"),
        )
        .truth("nothing has been changed")
        .hint("use the newer uturn")),
        None => Err(Error::new(Kind::History, format!("the table `{table}` is not uturn's journal"))
            .truth("nothing has been changed")
            .hint("rename that table")),
    }
}
