//! What is recorded of the statements of ups that have ended.

use crate::db::{packet, quote};
use crate::engine::journal::Versions;
use crate::migration::name::Version;
use crate::schema::own_tables::{RUN, STEP};
use mysql::{Conn, Row};
use std::collections::HashMap;

/// The statements of an up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// How many the script had.
    pub statements: usize,
    /// Over the text of each that left a row, by its number.
    pub sha256: HashMap<usize, String>,
}

/// Of these versions, those with a run that has written their row in the history: one with its checksum.
pub fn recorded_statements(
    conn: &mut Conn,
    schema: &str,
    versions: Versions,
    wanted: &[(Version, u64)],
) -> mysql::Result<HashMap<Version, Recorded>> {
    let mut found = HashMap::new();
    for some in wanted.chunks(500) {
        for (version, run, statements) in runs(conn, schema, some)? {
            let sha256 = statements_of(conn, schema, versions, run)?;
            found.insert(version, Recorded { statements, sha256 });
        }
    }
    Ok(found)
}

/// The newest of each version.
fn runs(conn: &mut Conn, schema: &str, wanted: &[(Version, u64)]) -> mysql::Result<Vec<(Version, u64, usize)>> {
    let table = quote::table(schema, RUN);
    let is_wanted =
        wanted.iter().map(|(version, checksum)| format!("(version = {version} AND checksum = '{checksum}')"));
    let question = format!(
        "SELECT version, run_no, statements FROM {table} WHERE ({}) AND direction = 'up' AND state = 'done' \
         ORDER BY run_no LIMIT 1000000",
        is_wanted.collect::<Vec<_>>().join(" OR ")
    );
    let version = |row: &Row| Version::from_history(packet::word(row, 0).parse().unwrap_or_default());
    let run = |row: &Row| (version(row), packet::number(row, 1), packet::number(row, 2) as usize);
    Ok(packet::ask(conn, &question)?[0].iter().map(run).collect())
}

fn statements_of(conn: &mut Conn, schema: &str, versions: Versions, run: u64) -> mysql::Result<HashMap<usize, String>> {
    let own = match versions.has_own_step() {
        true => format!(
            " UNION ALL SELECT step, sql_sha256 FROM {} WHERE run_no = {run} AND step_state = 'done'",
            quote::table(schema, RUN)
        ),
        false => String::new(),
    };
    let steps = quote::table(schema, STEP);
    let question =
        format!("SELECT step, sql_sha256 FROM {steps} WHERE run_no = {run} AND state = 'done'{own} LIMIT 100000000");
    let step = |row: &Row| (packet::number(row, 0) as usize, packet::word(row, 1));
    Ok(packet::ask(conn, &question)?[0].iter().map(step).collect())
}
