//! The journal of an older uturn: read as it is, brought up to date by the first run, through a kill in the middle too.

use crate::support::app::Folder;
use crate::support::app::run;
use crate::support::server::{Db, on_each};

const STEM: &str = "20260101000000-m";
const RUN: &str = "refinery_schema_history_run";
const STEP: &str = "refinery_schema_history_step";

/// The statements that made the tables in layout 1.
const LAYOUT_1: [(&str, &str); 2] = [
    (
        RUN,
        "CREATE TABLE old (
    run_no BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    version BIGINT NOT NULL,
    name VARCHAR(255) NOT NULL,
    direction ENUM('up', 'down') NOT NULL,
    state ENUM('running', 'stopped', 'done', 'failed', 'undone') NOT NULL,
    checksum VARCHAR(20) NOT NULL COMMENT 'refinery checksum of the up script',
    statements INT UNSIGNED NOT NULL,
    takes_back BIGINT UNSIGNED NULL COMMENT 'the stopped up run that this down run undoes',
    down_sql LONGBLOB NULL COMMENT 'the way back; SELECT UNCOMPRESS(down_sql)',
    down_sha256 CHAR(64) NULL,
    irreversible TEXT NULL COMMENT 'why there is no way back',
    account VARCHAR(400) NOT NULL,
    os_user VARCHAR(255) NOT NULL,
    program VARCHAR(64) NOT NULL,
    server VARCHAR(400) NOT NULL,
    rows_affected BIGINT UNSIGNED NOT NULL DEFAULT 0,
    started_at DATETIME(6) NOT NULL COMMENT 'UTC',
    ended_at DATETIME(6) NULL COMMENT 'UTC',
    error TEXT NULL,
    open_key TINYINT AS (CASE WHEN state IN ('running', 'stopped') THEN 1 END) STORED,
    UNIQUE KEY one_open_run (open_key),
    KEY by_version (version, run_no)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='uturn journal 1'",
    ),
    (
        STEP,
        "CREATE TABLE old (
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
    decided TEXT NULL COMMENT 'how the outcome is known, if not from the answer',
    error TEXT NULL,
    started_at DATETIME(6) NOT NULL COMMENT 'UTC',
    ended_at DATETIME(6) NULL COMMENT 'UTC',
    PRIMARY KEY (run_no, step)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='uturn journal 1'",
    ),
];

/// Puts what the tables hold into tables of layout 1.
fn back_to_layout_1(db: &Db) {
    for (table, create) in LAYOUT_1 {
        db.exec(create);
        let columns = db
            .rows(
                "SELECT COLUMN_NAME FROM information_schema.COLUMNS \
                 WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'old' AND COLUMN_NAME <> 'open_key'",
            )
            .join(", ");
        db.exec(&format!("INSERT INTO old ({columns}) SELECT {columns} FROM {table}"));
        db.exec(&format!("DROP TABLE {table}"));
        db.exec(&format!("RENAME TABLE old TO {table}"));
    }
}

const DONE: &str = "CREATE TABLE t (n INT); INSERT INTO t VALUES (1);";

/// A journal of layout 1 with a run that stopped part-way, and the folder, which is mended.
fn stopped(db: &Db) -> Folder {
    let folder = Folder::with(&[
        ("20250101000000-first", "CREATE TABLE first (n INT);", "DROP TABLE first;"),
        (STEM, &format!("{DONE} ALTER TABLE t ADD n INT;"), "DROP TABLE t;"),
    ]);
    folder.uturn(db, "up").exits(5).says("stopped at statement 3 of 3");
    back_to_layout_1(db);
    folder.pair(STEM, &format!("{DONE} ALTER TABLE t ADD m INT;"), "DROP TABLE t;");
    folder
}

/// The two tables as the server shows them.
fn tables(db: &Db) -> Vec<String> {
    [RUN, STEP].iter().flat_map(|table| db.rows(&format!("SHOW CREATE TABLE {table}"))).collect()
}

fn is_done(db: &Db, folder: &Folder) {
    assert_eq!(db.rows("SELECT n, m FROM t"), ["1|NULL"], "each statement once");
    folder.uturn(db, "status --exit-code").exits(0);
    let fresh = db.server.database();
    Folder::with(&[(STEM, "SELECT 1;", "SELECT 1;")]).uturn(&fresh, "up").exits(0);
    assert_eq!(tables(db), tables(&fresh), "as if it had been made by this uturn");
}

on_each!(an_older_journal_is_read_as_it_is_and_upgraded_by_the_first_run, |db| {
    let folder = stopped(db);
    let before = db.everything();
    folder.uturn(db, "status").exits(0).says("stopped").says("at statement 3 of 3: 1060");
    folder.uturn(db, "log").exits(0).says("20250101000000-first").says("1060");
    folder.uturn(db, "up --dry-run").exits(0).says("ADD m INT");
    folder.uturn(db, "undo --dry-run --down-data run").exits(0).says("DROP TABLE t");
    assert_eq!(db.everything(), before, "reading changes nothing");
    folder.uturn(db, "up").exits(0).says("resumes at statement 3 of 3");
    is_done(db, &folder);
    assert_eq!(db.rows(&format!("SELECT COUNT(*) FROM {RUN} WHERE host = ''")), ["2"], "what is old stays");
});

on_each!(an_older_journal_lets_a_half_run_migration_be_taken_back, |db| {
    let folder = stopped(db);
    // The file is not the one that ran, so nobody knows where the row comes from.
    folder.uturn(db, "undo").exits(3).says("drops `t` with 1 row");
    folder.uturn(db, "undo --down-data run").exits(0);
    assert_eq!(db.tables(), ["first"]);
    folder.uturn(db, "undo").exits(0);
    assert!(db.tables().is_empty());
});

on_each!(an_upgrade_that_was_killed_goes_on, |db| {
    for nth in [1, 2, 3] {
        let folder = stopped(db);
        let point = format!("upgrade.after:{nth}");
        let killed = run(folder.command(db, "up").env("UTURN_FAILPOINT", &point));
        assert_eq!(killed.code, None, "{point} is reached: {killed:?}");
        folder.uturn(db, "status").exits(0).says("at statement 3 of 3: 1060");
        folder.uturn(db, "log").exits(0).says("1060");
        folder.uturn(db, "up").exits(0).says("resumes at statement 3 of 3");
        is_done(db, &folder);
        db.exec(&format!("DROP TABLE {RUN}, {STEP}, refinery_schema_history, t, first"));
    }
});

on_each!(an_older_uturn_that_was_killed_while_it_made_its_tables_is_no_obstacle, |db| {
    let (table, create) = LAYOUT_1[1];
    db.exec(&create.replace("old", table));
    let folder = Folder::with(&[(STEM, "CREATE TABLE t (n INT, m INT); INSERT INTO t (n) VALUES (1);", "SELECT 1;")]);
    folder.uturn(db, "up").exits(0);
    is_done(db, &folder);
});

on_each!(a_newer_journal_is_refused_by_name, |db| {
    let folder = Folder::with(&[(STEM, "CREATE TABLE t (n INT);", "DROP TABLE t;")]);
    folder.uturn(db, "up").exits(0);
    for (table, version) in [(RUN, 3), (STEP, 2)] {
        db.exec(&format!("ALTER TABLE {table} COMMENT 'uturn journal 99'"));
        let before = db.everything();
        for words in ["up", "undo", "status", "log", "resolve 2026 --statement 1 --retry"] {
            folder.uturn(db, words).exits(3).says(&format!("`{table}` has version 99")).says("use the newer uturn");
        }
        assert_eq!(db.everything(), before);
        db.exec(&format!("ALTER TABLE {table} COMMENT 'uturn journal {version}'"));
    }
});
