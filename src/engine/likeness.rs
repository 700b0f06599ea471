//! Whether a file is still the one that was applied, where its checksum says no: other line ends, a byte-order mark, comments
//! or another name change no statement.

use crate::db::server;
use crate::engine::history::{Ledger, checksum_of};
use crate::engine::journal::{self, Recorded};
use crate::migration::name::Name;
use crate::migration::pair::{File, Migration};
use crate::migration::plan::{Alike, Applied, Known, Likeness};
use crate::script::lexer::Modes;
use crate::script::split;
use mysql::Conn;
use std::borrow::Cow;

/// Compares the files with the history. Only of those that differ in more than line ends is the journal asked.
pub fn compare(
    conn: &mut Conn,
    schema: &str,
    migrations: &[Migration],
    ledger: &Ledger,
    known: &mut [Known],
) -> mysql::Result<()> {
    let mut left = Vec::new();
    for (migration, known) in migrations.iter().zip(known.iter_mut()) {
        let Some(row) = ledger.row(known.name.version()).filter(|row| !known.is(row)) else { continue };
        let Ok(up) = &migration.up else { continue };
        match by_text(&migration.name, up, row) {
            Some(likeness) => known.alike = Some(alike(row, likeness)),
            None => left.push((up, known, row)),
        }
    }
    if left.is_empty() || !ledger.layout.journal {
        return Ok(());
    }
    let modes = server::session_modes(conn)?;
    let wanted: Vec<_> = left.iter().map(|(_, _, row)| (row.version, row.checksum)).collect();
    let recorded = journal::recorded_statements(conn, schema, ledger.layout.versions, &wanted)?;
    for (up, known, row) in left {
        if recorded.get(&row.version).is_some_and(|recorded| has_statements(up, recorded, modes)) {
            known.alike = Some(alike(row, Likeness::Statements));
        }
    }
    Ok(())
}

fn alike(row: &Applied, likeness: Likeness) -> Alike {
    Alike { name: row.name.clone(), checksum: row.checksum, likeness }
}

/// The text has the recorded checksum once its line ends or its mark are others: under its own name, or the recorded one.
fn by_text(name: &Name, up: &File, row: &Applied) -> Option<Likeness> {
    let is_it = |text: &str| checksum_of(&row.name, row.version, text) == row.checksum;
    let is_named = row.name == name.history_name();
    let likeness = if is_named { Likeness::Text } else { Likeness::Statements };
    texts(&up.text).iter().any(|text| is_it(text) || is_it(&format!("\u{feff}{text}"))).then_some(likeness)
}

/// The text without a byte-order mark: as it is, with LF, with CRLF.
fn texts(text: &str) -> [Cow<'_, str>; 3] {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let unix = if text.contains('\r') { Cow::Owned(text.replace("\r\n", "\n")) } else { Cow::Borrowed(text) };
    let dos = Cow::Owned(unix.replace('\n', "\r\n"));
    [Cow::Borrowed(text), unix, dos]
}

/// As many statements as were run, and each with the text that was recorded. One that leaves no row, a SET for instance,
/// cannot be shown to be the same.
fn has_statements(up: &File, recorded: &Recorded, modes: Modes) -> bool {
    texts(&up.text).iter().any(|text| {
        let (mut count, mut are_same) = (0, true);
        let split = split::each(text, modes, |statement| {
            count += 1;
            are_same = are_same
                && recorded
                    .sha256
                    .get(&count)
                    .is_some_and(|sha| journal::is_digest_of(sha, &text[statement.span.clone()]));
        });
        split.is_ok() && are_same && count == recorded.statements
    })
}
