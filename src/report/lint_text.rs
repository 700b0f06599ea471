//! The words of what `check` finds: one sentence why, and one what to do. docs/check.md explains each with an example.

use crate::lint::{Difference, Happened, Risk, Thing};
use crate::statement::class::Hazard;
use crate::statement::ddl::Object;

/// What is said of a finding.
#[derive(Debug, PartialEq, Eq)]
pub struct Words {
    /// Why it is one.
    pub why: String,
    /// What to do.
    pub hint: String,
}

fn say(why: impl Into<String>, hint: impl Into<String>) -> Words {
    Words { why: why.into(), hint: hint.into() }
}

/// Words for a finding.
pub fn words(risk: &Risk) -> Words {
    match risk {
        Risk::FileName(what) => say(what, "name it `YYYYMMDDHHMMSS-name.up.sql` or `.down.sql`; `uturn new NAME` does"),
        Risk::HalfPair(what) => say(what, "write the other file, or remove this one"),
        Risk::SameTimestamp(what) => say(what, "give one of them a later timestamp"),
        Risk::NotUtf8(what, hint) => say(what, hint),
        Risk::EmptyUp(what) => say(what, "write the change, or remove both files"),
        Risk::EmptyDown(what) => say(what, "write what takes the up back"),
        Risk::Lexical(what) => say(what, "fix it: `up` refuses the file as it is"),
        Risk::ClientCommand(what) => say(what, "take the line out: only statements are sent to the server"),
        Risk::Directive(what) => say(what, "fix the comment, or begin it in another way than with `uturn:`"),
        Risk::Refused(hazard) => say(refused(*hazard), "leave the statement out"),
        Risk::OpenTransaction => say(
            "the transaction that begins here is never committed: `up` refuses the script".to_owned(),
            "write COMMIT after its last statement; or leave BEGIN out, since uturn makes its own transactions",
        ),
        Risk::LoadLocal => say(
            "LOAD DATA LOCAL sends a file of the machine that runs uturn, and is refused without `--allow-local-infile`",
            "write the rows as INSERTs; or keep the file beside the script, and allow this",
        ),
        Risk::DownDoesNothing => say(
            "no statement of the down changes anything: an undo reverts nothing, and the next up may stop",
            "write what reverts the up; or say `-- uturn: irreversible: REASON` in place of it; or allow this",
        ),
        Risk::DownForgets { what, happened } => forgets(what, *happened),
        Risk::DownDiffers { what, difference } => differs(what, difference),
        Risk::NoSuchName { what, taken_away_by } => say(
            match taken_away_by {
                Some(by) => format!("there is no {} any more: `{by}` took it away", thing(what)),
                None => format!("there is no {} at this point, by what the files before it say", thing(what)),
            },
            "fix the name, or the order of the migrations",
        ),
        Risk::AlreadyThere(what) => say(
            format!("the {} is there already, by what the files before it say", thing(what)),
            "fix the name, or leave it out",
        ),
        Risk::IfExists(what) => say(
            format!("the other script knows no {}, and IF EXISTS hides that this drops nothing", thing(what)),
            "fix the name, and leave IF EXISTS out: uturn runs a down only where its up has run",
        ),
        Risk::IfNotExists(what) => say(
            format!("IF NOT EXISTS keeps a {} that is there as it is, and the down drops it all the same", thing(what)),
            "leave IF NOT EXISTS out: uturn runs an up only once",
        ),
        Risk::DropsTable(what) => say(
            format!("the {} goes with its rows, and no down brings those back", thing(what)),
            "rename it away first and drop it in a later release; or back it up and allow this",
        ),
        Risk::RecreatesTable(table) => say(
            format!("`{table}` is dropped and created again: where a table of that name is there, its rows are lost"),
            "remove the DROP, so that the migration stops where the table is there; or back it up and allow this",
        ),
        Risk::DropsColumn { table, column } => say(
            format!("what `{table}.{column}` holds goes with it, and an application that still names it fails"),
            "drop it one release after the application no longer uses it, and allow this",
        ),
        Risk::DropsRows { table, partition: None } => {
            say(format!("every row of `{table}` goes"), "DELETE what is meant, with a WHERE; or allow this")
        }
        Risk::DropsRows { table, partition: Some(partition) } => {
            say(format!("the rows of `{table}` in partition {partition} go"), "back them up, and allow this")
        }
        Risk::NoWhere { statement, table } => say(
            format!("this {statement} has no WHERE: it touches every row of `{table}`"),
            "say which rows; or allow this",
        ),
        Risk::NarrowsEnum { table, column, lost } => say(
            format!("`{table}.{column}` loses {}: rows that hold it stop this statement", list(lost)),
            "UPDATE those rows first, in the same script",
        ),
        Risk::NarrowsType { table, column, from, to } => say(
            format!("`{table}.{column}` goes from {from} to {to}: values that do not fit stop this statement"),
            "UPDATE those rows first, in the same script; or allow this",
        ),
        Risk::MakesNotNull { table, column } => say(
            format!("`{table}.{column}` no longer takes NULL: rows that hold it stop this statement"),
            "UPDATE … WHERE … IS NULL first, in the same script",
        ),
        Risk::NotNullWithoutDefault { table, column } => say(
            format!("`{table}.{column}` is NOT NULL without a DEFAULT: rows that are there get 0, '' or an error"),
            "give it a DEFAULT; or add it as NULL, UPDATE the rows, and make it NOT NULL then",
        ),
        Risk::Renames { what, to } => say(
            format!("the {} becomes `{to}`, and an application that runs while this is deployed fails", thing(what)),
            "add the new one, let the application write both, and drop the old one a release later; or allow this",
        ),
        Risk::SessionSetting(name) => say(
            format!(
                "`{name}` is changed and not put back: whatever runs behind this script in the same session has it too"
            ),
            format!("end the script with `SET {name} = DEFAULT`, or put back what was saved"),
        ),
        Risk::SetGlobal(name) => say(
            format!("`{name}` is changed for the whole server, and no undo of a database brings it back"),
            "put it into the server's configuration; or allow this",
        ),
        Risk::OtherDatabase(name) => say(
            format!("this names the database `{name}`: it will be wrong where the database has another name"),
            "leave the name out: a migration runs in the database that is configured",
        ),
        Risk::Definer(account) => say(
            format!("the definer {account} need not exist on another server, and naming it needs a right of its own"),
            "leave DEFINER out: the account that runs the migration is the definer then",
        ),
        Risk::ImplicitCommit(verb) => say(
            format!("{verb} commits the open transaction: what stands before it cannot be rolled back any more"),
            "leave BEGIN and COMMIT out: uturn records each statement, and resumes where it stopped",
        ),
        Risk::NoTransactions { table, engine } => say(
            format!("{engine} has no transactions: after a crash nobody can tell which rows of `{table}` were written"),
            "use InnoDB; or allow this",
        ),
        Risk::UnnamedKey { table, kind, columns, named } => say(
            match named {
                Some(name) => format!(
                    "the up gives the {kind} on `{table}` ({}) no name, and `{name}` is what one server would make of it",
                    columns.join(", ")
                ),
                None => format!(
                    "the {kind} on `{table}` ({}) has no name that the down could drop it by",
                    columns.join(", ")
                ),
            },
            format!("name it in the up, and drop it by that name in the down ({kind})"),
        ),
        Risk::StillReferenced { what, by, own: true } => say(
            format!("the {} is part of the foreign key `{by}`, so the server refuses to drop it", thing(what)),
            "drop the foreign key first, in the same statement",
        ),
        Risk::StillReferenced { what, by, own: false } => say(
            format!("the foreign key `{by}` refers to the {}, so the server refuses to drop it", thing(what)),
            "drop that foreign key, or its table, first",
        ),
        Risk::ShrinksIndex { table, column, index } => say(
            format!(
                "`{index}` of `{table}` has more columns than `{column}`: the servers shrink it in silence, or refuse"
            ),
            "drop the index in the same statement, and add the one that is wanted",
        ),
        Risk::NoPrimaryKey(table) => say(
            format!("`{table}` has no primary key: replicas search all of it for each changed row"),
            "give it one; or allow this",
        ),
        Risk::UnknownAllow(name) => say(
            format!("`{name}` is no finding that can be allowed"),
            "docs/check.md has the names; what `up` refuses cannot be allowed",
        ),
        Risk::UnusedAllow(name) => {
            say(format!("nothing in this pair is found that `allow {name}` would allow"), "take the comment out")
        }
    }
}

fn refused(hazard: Hazard) -> &'static str {
    match hazard {
        Hazard::Rollback => "ROLLBACK would take uturn's own record with it, so `up` refuses it",
        Hazard::Xa => "an XA transaction outlives the session, so `up` refuses it",
        Hazard::Autocommit => "autocommit stays on: uturn makes its own transactions",
        Hazard::AutocommitAmongOthers => {
            "autocommit and completion_type stay as they are, so `up` refuses a SET of them and of others"
        }
        Hazard::MixedScopes => "one SET of global variables and of others cannot be recorded, so `up` refuses it",
        Hazard::NextTransaction => "the next transaction is one of uturn's own, so `up` refuses it; write SET SESSION",
        Hazard::BinlogOff => "without sql_log_bin the replicas would not get this, so `up` refuses it",
        Hazard::GtidNext => "with a GTID of its own the server may pass over a transaction, so `up` refuses it",
        Hazard::ReleasesLocks => "it would release the lock that keeps a second runner out, so `up` refuses it",
    }
}

/// `column `t.c``.
fn thing(what: &Thing) -> String {
    match what {
        Thing::Table(table) => format!("table `{table}`"),
        Thing::Column { table, column } => format!("column `{table}.{column}`"),
        Thing::Index { table, index } => format!("index `{index}` of `{table}`"),
        Thing::Constraint { table, constraint } => format!("constraint `{constraint}` of `{table}`"),
        Thing::Rows(table) => format!("rows of `{table}`"),
        Thing::Object(object, name) => format!("{} `{name}`", kind(*object)),
    }
}

fn kind(object: Object) -> &'static str {
    match object {
        Object::Table => "table",
        Object::View => "view",
        Object::Procedure => "procedure",
        Object::Function => "function",
        Object::Trigger => "trigger",
        Object::Event => "event",
        Object::Database => "database",
        Object::User => "account",
        Object::Index => "index",
        Object::Sequence => "sequence",
        Object::Package => "package",
        Object::PackageBody => "package body",
        Object::Other => "object",
    }
}

fn forgets(what: &Thing, happened: Happened) -> Words {
    let thing = thing(what);
    let (did, hint) = match happened {
        Happened::Made => ("makes", "drop it in the down"),
        Happened::Dropped => ("drops", "make it again in the down, as it was"),
        Happened::Changed => ("changes", "change it back in the down"),
        Happened::RenamedFrom => ("takes the name of", "rename it back in the down"),
        Happened::RenamedTo => ("gives its name to", "rename it back in the down"),
        Happened::Inserted => ("inserts", "delete them in the down, by their keys"),
    };
    say(format!("the up {did} the {thing}, and the down never mentions it"), hint)
}

fn differs(what: &Thing, difference: &Difference) -> Words {
    let thing = thing(what);
    let place = |column: &Option<String>| column.as_ref().map_or("first".to_owned(), |c| format!("behind `{c}`"));
    let why = match difference {
        Difference::LeftBehind => format!("after up and down the {thing} is there, and before it was not"),
        Difference::NotBack => format!("after up and down the {thing} is gone, and before it was there"),
        Difference::Changed { is, was } => format!("after up and down the {thing} is {is}, and before it was {was}"),
        Difference::Moved { is, was } => {
            format!("after up and down the {thing} stands {}, and before it stood {}", place(is), place(was))
        }
    };
    say(why, "bring it back in the down as it was; `uturn prove` shows the whole difference")
}

fn list(values: &[String]) -> String {
    values.iter().map(|value| format!("'{value}'")).collect::<Vec<_>>().join(", ")
}
