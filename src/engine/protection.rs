//! The mark in the database itself: a small table beside the journal. Each change is a row, and the newest one counts, so that
//! a DBA can read who protected what, and when. No undo takes it away.

use crate::db::{packet, quote};
use crate::error::{Error, Kind, Result};
use crate::event::protection::Protection;
use crate::schema::own_tables;
use mysql::{Conn, Row};

/// The layout, kept in the table's comment.
const COMMENT: &str = "uturn protection 1";

/// Makes the table.
pub fn create(schema: &str) -> String {
    format!(
        "CREATE TABLE IF NOT EXISTS {} (
    change_no INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY COMMENT 'the newest one counts',
    protected TINYINT NOT NULL,
    reason TEXT NULL,
    account VARCHAR(400) NOT NULL,
    os_user VARCHAR(255) NOT NULL,
    host VARCHAR(255) NOT NULL COMMENT 'the machine that uturn ran on',
    changed_at DATETIME(6) NOT NULL COMMENT 'UTC'
) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin COMMENT='{COMMENT}'",
        quote::table(schema, own_tables::PROTECTION)
    )
}

/// Writes a change.
pub fn change(schema: &str, protected: bool, reason: Option<&str>, os_user: &str, host: &str) -> String {
    format!(
        "INSERT INTO {} (protected, reason, account, os_user, host, changed_at) VALUES ({}, {}, USER(), {}, {}, \
         UTC_TIMESTAMP(6))",
        quote::table(schema, own_tables::PROTECTION),
        u8::from(protected),
        quote::maybe_text(reason),
        quote::text(os_user),
        quote::text(host)
    )
}

/// The question whether the table is there.
pub fn layout_question(schema: &str) -> String {
    format!(
        "SELECT TABLE_COMMENT FROM information_schema.TABLES WHERE TABLE_SCHEMA = {} AND TABLE_NAME = {}",
        quote::text(schema),
        quote::text(own_tables::PROTECTION)
    )
}

/// Whether it is; refuses one that is not understood, since it may say that the database is protected.
pub fn is_there(rows: &[Row]) -> Result<bool> {
    match rows.first().map(|row| packet::word(row, 0)) {
        None => Ok(false),
        Some(comment) if comment == COMMENT => Ok(true),
        Some(_) => Err(Error::new(
            Kind::History,
            format!("the table `{}` was made by a newer uturn, or by another program", own_tables::PROTECTION),
        )
        .truth("nothing has been changed")
        .hint("use the newer uturn, or rename that table")),
    }
}

/// The question for the newest change.
pub fn question(schema: &str) -> String {
    format!(
        "SELECT protected, reason, account, os_user, host, DATE_FORMAT(changed_at, '%Y-%m-%dT%H:%i:%sZ') FROM {} \
         ORDER BY change_no DESC LIMIT 1",
        quote::table(schema, own_tables::PROTECTION)
    )
}

/// The answer to it.
pub fn mark(rows: &[Row]) -> Option<Protection> {
    let row = rows.first().filter(|row| packet::number(row, 0) == 1)?;
    Some(Protection {
        since: packet::word(row, 5),
        by: format!("{} as {} on {}", packet::word(row, 3), packet::word(row, 2), packet::word(row, 4)),
        reason: packet::maybe_word(row, 1),
    })
}

/// Asks a database that need not be the session's own.
pub fn find(conn: &mut Conn, schema: &str) -> mysql::Result<Result<Option<Protection>>> {
    let there = packet::ask(conn, &layout_question(schema))?;
    match is_there(&there[0]) {
        Ok(true) => Ok(Ok(mark(&packet::ask(conn, &question(schema))?[0]))),
        Ok(false) => Ok(Ok(None)),
        Err(error) => Ok(Err(error)),
    }
}
