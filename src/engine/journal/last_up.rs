//! Which runs belong to one `up`: each carries, beside the program's version, the number of the first run of its command. The
//! rows of an uturn that wrote no such mark are commands of one run.

use crate::db::{packet, quote};
use crate::migration::name::Version;
use crate::schema::own_tables::RUN;
use mysql::{Conn, Row};

/// The column `program` of a run that belongs to no `up`. The last words tell that its rows hold no secrets (`clean`).
pub const PROGRAM: &str = concat!("uturn ", env!("CARGO_PKG_VERSION"), " (cuts secrets)");

/// The column `program` of a run of an `up` whose first run has this number.
pub fn program(first_run: u64) -> String {
    format!("{PROGRAM} up {first_run}")
}

/// What the last `up` has applied or begun, and no undo has reverted since: their versions. None if no `up` is recorded.
pub fn last_up(conn: &mut Conn, schema: &str) -> mysql::Result<Option<Vec<Version>>> {
    let run = quote::table(schema, RUN);
    let newest = format!("SELECT run_no, program FROM {run} WHERE direction = 'up' ORDER BY run_no DESC LIMIT 1");
    let is_marked = "n.program LIKE 'uturn % up %'";
    let question = format!(
        "SELECT r.version, {} FROM ({newest}) n JOIN {run} r ON r.run_no >= \
         IF({is_marked}, CAST(SUBSTRING_INDEX(n.program, ' up ', -1) AS UNSIGNED), n.run_no) \
         WHERE r.direction = 'up' AND r.program = n.program ORDER BY r.run_no LIMIT 1000000",
        is_undone(&run)
    );
    let rows = packet::ask(conn, &question)?.swap_remove(0);
    let is_left = |row: &&Row| packet::number(row, 1) == 0;
    Ok((!rows.is_empty()).then(|| rows.iter().filter(is_left).map(version).collect()))
}

/// Of the migrations in the history (a table), the one whose up ended last; none where no up of `newest` is recorded, so that
/// nothing is known of when it was applied.
pub fn applied_last(conn: &mut Conn, schema: &str, history: &str, newest: Version) -> mysql::Result<Option<Version>> {
    let run = quote::table(schema, RUN);
    let is_it = format!("r.direction = 'up' AND r.state = 'done' AND NOT {}", is_undone(&run));
    let question = format!(
        "SELECT r.version FROM {run} r WHERE r.version = {newest} AND {is_it} LIMIT 1; \
         SELECT r.version FROM {run} r WHERE {is_it} AND EXISTS (SELECT 1 FROM {history} h WHERE h.version = r.version) \
         ORDER BY r.run_no DESC LIMIT 1"
    );
    let sets = packet::ask(conn, &question)?;
    let is_recorded = !sets[0].is_empty();
    Ok(sets[1].first().filter(|_| is_recorded).map(version))
}

fn is_undone(run: &str) -> String {
    format!(
        "EXISTS (SELECT 1 FROM {run} d WHERE d.version = r.version AND d.run_no > r.run_no AND d.direction = 'down' \
         AND d.state = 'done')"
    )
}

fn version(row: &Row) -> Version {
    Version::from_history(packet::word(row, 0).parse().unwrap_or_default())
}
