//! What a statement does to data: whether it changes rows, or takes them away.

use crate::script::lexer::{Code, Kind as Token, Modes, Upper};
use crate::statement::class::Kind;
use crate::statement::ddl::{Ddl, Object};
use crate::statement::names::{Name, names, unquote};
use crate::statement::objects::{Made, Part, Parts};
use crate::statement::targets;

/// It writes rows, or may: DML other than a query, CALL and what else may hold anything, TRUNCATE. In the down of a
/// migration, such a statement gives rows back, or takes them away, that the up is thought to have changed.
pub fn writes_rows(sql: &str, modes: Modes) -> bool {
    match Kind::of(sql, modes) {
        Kind::Dml => !is_query(sql, modes),
        Kind::Call | Kind::LoadLocal => true,
        Kind::Ddl(ddl) => ddl.verb == "TRUNCATE",
        Kind::Session | Kind::Global | Kind::Transaction(_) | Kind::Lock | Kind::Maintenance => false,
    }
}

/// It changes which rows there are, in any way: what writes them, and DDL that makes or loses them. Until the up of a
/// migration has done all of these, the rows are not those that its down was written for.
pub fn moves_rows(sql: &str, modes: Modes) -> bool {
    match Kind::of(sql, modes) {
        Kind::Ddl(ddl) => {
            let loses = loses_rows(&ddl, sql, modes) || loses_a_partition(&ddl, sql, modes);
            ddl.verb == "TRUNCATE" || loses || selects(&ddl, sql, modes)
        }
        _ => writes_rows(sql, modes),
    }
}

/// Whether a statement would drop what was there before; of what is in it, all but what is known to be new.
pub fn takes_away(drop: &str, there: &Made, new: &Made, modes: Modes) -> bool {
    let is_there = |part: &Part| there.names(part) || there.holds(part) && !new.holds(part);
    Parts::of(drop, modes).drops.iter().any(is_there)
}

/// The names of the tables that a statement of DML may write to. Some too many, no one too few.
pub fn written(sql: &str, modes: Modes) -> Vec<Name> {
    if let Some(behind) = behind_common_tables(sql, modes) {
        return written(behind, modes);
    }
    targets::targets(sql, modes).unwrap_or_else(|| in_front(sql, modes))
}

/// The names in front of what a statement of DML writes: the tables that it reads there among them.
pub fn in_front(sql: &str, modes: Modes) -> Vec<Name> {
    let mut end = 0;
    let mut code = Code::new(sql, modes);
    let (mut first, mut before) = (None, "");
    while let Some((_, text)) = code.next() {
        let is_behind_a_dot = std::mem::replace(&mut before, text) == ".";
        let word = Upper::of(text);
        let first = first.get_or_insert_with(|| text.to_ascii_uppercase()).as_str();
        let is_end = match first {
            "INSERT" | "REPLACE" => {
                matches!(word.as_str(), "(" | "SET" | "VALUES" | "VALUE" | "SELECT" | "WITH" | "TABLE")
            }
            "UPDATE" => word.as_str() == "SET",
            "DELETE" => word.as_str() == "WHERE",
            "SELECT" | "VALUES" | "TABLE" | "DO" | "(" => return Vec::new(),
            _ => false,
        };
        // VALUE may be the name of a table, and behind a dot each word may be one.
        if is_end && !is_behind_a_dot {
            let found = names(&sql[..end], modes);
            if !found.is_empty() {
                return found;
            }
        }
        end = code.end();
    }
    names(sql, modes)
}

/// Of WITH …, the statement that it is for.
fn behind_common_tables(sql: &str, modes: Modes) -> Option<&str> {
    let mut code = Code::new(sql, modes);
    let (mut depth, mut start) = (0_usize, code.end());
    code.next().filter(|(_, text)| text.eq_ignore_ascii_case("WITH"))?;
    while let Some((_, text)) = code.next() {
        match Upper::of(text).as_str() {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            "SELECT" | "INSERT" | "REPLACE" | "UPDATE" | "DELETE" | "VALUES" | "TABLE" if depth == 0 => {
                start = code.end() - text.len();
                break;
            }
            _ => {}
        }
    }
    (start > 0).then(|| &sql[start..])
}

/// Whether a body of statements can change no row by itself: no word in it that would.
pub fn only_reads(body: &str, modes: Modes) -> bool {
    const WRITE: [&str; 7] = ["INSERT", "REPLACE", "UPDATE", "DELETE", "LOAD", "TRUNCATE", "CALL"];
    const RUN: [&str; 3] = ["EXECUTE", "CREATE", "ALTER"];
    let is_one = |word: &str| WRITE.contains(&word) || RUN.contains(&word);
    !Code::new(body, modes).any(|(_, text)| is_one(Upper::of(text).as_str()))
}

/// The names in a statement of DML that may be tables. Without a query in it, those in front of what is written are enough:
/// the others are columns. Some too many, no one too few.
pub fn tables(sql: &str, modes: Modes) -> Vec<Name> {
    let mut words = Code::new(sql, modes).map(|(_, text)| Upper::of(text));
    let is_plain =
        words.next().is_some_and(|first| matches!(first.as_str(), "INSERT" | "REPLACE" | "UPDATE" | "DELETE"));
    match is_plain && !words.any(|word| matches!(word.as_str(), "SELECT" | "TABLE" | "WITH")) {
        true => in_front(sql, modes),
        false => names(sql, modes),
    }
}

/// The names that a statement may call as functions: those with a parenthesis behind them.
pub fn called(sql: &str, modes: Modes) -> Vec<Name> {
    let mut found: Vec<Name> = Vec::new();
    let mut before: [(Token, &str); 3] = [(Token::Punct, ""); 3];
    let into = in_front(sql, modes);
    for (kind, text) in Code::new(sql, modes) {
        let [schema, dot, name] = before;
        if text == "(" && matches!(name.0, Token::Word | Token::Quoted) {
            let schema = (dot.1 == ".").then(|| unquote(schema.1));
            let name = Name { schema, name: unquote(name.1) };
            // `INSERT INTO t (…)`
            if !into.contains(&name) && !found.contains(&name) {
                found.push(name);
            }
        }
        before = [dot, name, (kind, text)];
    }
    if found.is_empty() {
        return found;
    }
    // A keyword before a parenthesis is no name.
    let all = names(sql, modes);
    found.retain(|name| all.iter().any(|other| other.name == name.name));
    found
}

fn is_query(sql: &str, modes: Modes) -> bool {
    let first = Code::new(sql, modes).map(|(_, text)| text).find(|text| *text != "(").map(Upper::of);
    match first.as_ref().map(Upper::as_str) {
        Some("SELECT" | "VALUES" | "TABLE" | "DO") => true,
        // A common table expression may stand before an UPDATE.
        Some("WITH" | "ANALYZE") => !["INSERT", "UPDATE", "DELETE", "REPLACE"].iter().any(|word| has(sql, modes, word)),
        _ => false,
    }
}

/// An ALTER TABLE by which rows go, or go elsewhere, with a partition, a tablespace or a table's history.
pub fn loses_a_partition(ddl: &Ddl, sql: &str, modes: Modes) -> bool {
    let words = || Code::new(sql, modes).map(|(_, text)| Upper::of(text));
    let is_lost = |(verb, what): (Upper, Upper)| match what.as_str() {
        "PARTITION" => matches!(verb.as_str(), "EXCHANGE" | "DROP" | "TRUNCATE" | "DISCARD"),
        "TABLESPACE" => matches!(verb.as_str(), "DISCARD" | "IMPORT"),
        "SYSTEM" => verb.as_str() == "DROP",
        _ => false,
    };
    ddl.verb == "ALTER" && ddl.object == Object::Table && words().zip(words().skip(1)).any(is_lost)
}

fn loses_rows(ddl: &Ddl, sql: &str, modes: Modes) -> bool {
    match (ddl.verb.as_str(), ddl.object) {
        ("DROP", Object::Table | Object::Database) => true,
        ("CREATE", Object::Table) => ddl.or_replace,
        ("ALTER", Object::Table) => {
            let words: Vec<Upper> = Code::new(sql, modes).map(|(_, text)| Upper::of(text)).collect();
            let is_column = |next: &str| {
                !matches!(next, "INDEX" | "KEY" | "FOREIGN" | "CONSTRAINT" | "CHECK" | "PRIMARY" | "DEFAULT" | "SYSTEM")
            };
            words.windows(2).any(|pair| pair[0].as_str() == "DROP" && is_column(pair[1].as_str()))
        }
        _ => false,
    }
}

/// CREATE TABLE … SELECT.
pub fn selects(ddl: &Ddl, sql: &str, modes: Modes) -> bool {
    ddl.verb == "CREATE" && ddl.object == Object::Table && has(sql, modes, "SELECT")
}

fn has(sql: &str, modes: Modes, word: &str) -> bool {
    Code::new(sql, modes).any(|(_, text)| text.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_common_table_expression_reads_is_not_written() {
        let of = |sql| written(sql, Modes::default()).into_iter().map(|name| name.name).collect::<Vec<_>>().join(" ");
        for (sql, expected) in [
            ("WITH x AS (SELECT a FROM m) UPDATE t SET a = 1", "t"),
            (
                "WITH RECURSIVE x (a) AS (SELECT 1 UNION SELECT a FROM x), y AS (SELECT 2) DELETE FROM t WHERE a = 1",
                "t",
            ),
            ("WITH x AS (SELECT a FROM m) SELECT * FROM x", ""),
            ("INSERT INTO t SELECT * FROM m", "t"),
            ("INSERT INTO t WITH x AS (SELECT a FROM m) SELECT * FROM x", "t"),
        ] {
            assert_eq!(of(sql), expected, "{sql}");
        }
    }

    #[test]
    fn what_writes_and_what_moves_rows() {
        for (sql, writes, moves) in [
            ("INSERT INTO t VALUES (1)", true, true),
            ("(SELECT 1)", false, false),
            ("SELECT 1", false, false),
            ("WITH a AS (SELECT 1) SELECT * FROM a", false, false),
            ("WITH a AS (SELECT 1) DELETE FROM t", true, true),
            ("CALL p()", true, true),
            ("TRUNCATE t", true, true),
            ("CREATE TABLE t (a INT)", false, false),
            ("CREATE TABLE t AS SELECT 1", false, true),
            ("DROP TABLE t", false, true),
            ("DROP VIEW t", false, false),
            ("ALTER TABLE t ADD a INT", false, false),
            ("ALTER TABLE t DROP a", false, true),
            ("ALTER TABLE t DROP COLUMN a", false, true),
            ("ALTER TABLE t DROP INDEX a", false, false),
            ("ALTER TABLE t ALTER a DROP DEFAULT", false, false),
            ("SET @a = 1", false, false),
        ] {
            let modes = Modes::default();
            assert_eq!((writes_rows(sql, modes), moves_rows(sql, modes)), (writes, moves), "{sql}");
        }
    }

    #[test]
    fn what_is_written_to_and_what_is_called() {
        let listed = |names: Vec<Name>| {
            let word = |name: &Name| name.schema.iter().chain([&name.name]).cloned().collect::<Vec<_>>().join(".");
            names.iter().map(word).collect::<Vec<_>>().join(" ")
        };
        for (sql, expected, calls) in [
            ("INSERT INTO t (a, b) VALUES (1, f(2))", "t", "f"),
            ("INSERT INTO `d`.`t` SELECT g (a) FROM u WHERE a IN (1)", "d.t t d", "g"),
            ("REPLACE t SET a = d.f(1)", "t", "d.f"),
            ("UPDATE a JOIN b ON a.i = b.i SET a.n = NOW()", "a", "NOW"),
            ("UPDATE a JOIN b ON a.i = b.i SET n = NOW()", "a b a.i i b.i", "NOW"),
            ("DELETE a FROM a, b WHERE a.i = COALESCE(b.i, 1)", "a", "COALESCE"),
            ("INSERT INTO value (a) VALUES (1)", "value", ""),
            ("INSERT INTO d.values VALUES (1)", "d.values values d", ""),
            ("UPDATE a JOIN b ON a.set = b.i JOIN c SET c.n = 1", "c", ""),
            ("UPDATE a JOIN b ON a.set = b.i JOIN c SET n = 1", "a b a.set set b.i i c", ""),
            ("WITH x AS (SELECT 1) UPDATE t SET a = 1", "t", ""),
            ("SELECT f(1) FROM t", "", "f"),
        ] {
            let modes = Modes::default();
            let sorted = |text: &str| {
                let mut words: Vec<String> = text.split(' ').map(str::to_owned).collect();
                words.sort();
                words
            };
            assert_eq!(sorted(&listed(written(sql, modes))), sorted(expected), "{sql}");
            assert_eq!(listed(called(sql, modes)), calls, "{sql}");
        }
    }

    #[test]
    fn what_may_be_a_table() {
        for (sql, expected) in [
            ("INSERT INTO t (a, b) VALUES (c, f(2)) ON DUPLICATE KEY UPDATE d = e", "t"),
            ("INSERT INTO t (a) SELECT b FROM u", "t a b u"),
            ("INSERT INTO t (a) TABLE u", "t a u"),
            ("UPDATE t SET a = b WHERE c = 1", "t"),
            ("UPDATE t SET a = (SELECT MAX(b) FROM u)", "t a MAX b u"),
            ("DELETE FROM t WHERE a = 1", "t"),
            ("WITH x AS (VALUES (1)) DELETE FROM t WHERE a = 1", "x t a"),
            ("SELECT a FROM t", "a t"),
        ] {
            let found = tables(sql, Modes::default());
            let expected: Vec<&str> = expected.split(' ').collect();
            let missing = expected.iter().filter(|name| !found.iter().any(|one| one.name == **name)).count();
            assert_eq!((missing, found.len()), (0, expected.len()), "{sql}: {found:?}");
        }
    }

    #[test]
    fn what_would_take_away_what_was_there_before() {
        for (drop, made, expected) in [
            ("DROP TABLE a, b", "CREATE TABLE b (x INT)", true),
            ("DROP TABLE a", "CREATE TABLE b (a INT)", false),
            ("ALTER TABLE t DROP b", "ALTER TABLE t ADD b INT", true),
            ("ALTER TABLE t DROP COLUMN `b`", "ALTER TABLE t ADD COLUMN b INT", true),
            ("ALTER TABLE t DROP c", "ALTER TABLE t ADD b INT", false),
            ("ALTER TABLE u DROP b", "ALTER TABLE t ADD b INT", false),
            ("DROP INDEX i ON t", "CREATE INDEX i ON t (a)", true),
            ("ALTER TABLE t DROP INDEX i", "CREATE INDEX i ON t (a)", true),
            ("DROP VIEW v", "CREATE VIEW v AS SELECT 1", true),
            ("DROP PROCEDURE v", "CREATE VIEW v AS SELECT 1", false),
            ("DELETE FROM b", "CREATE TABLE b (x INT)", false),
            ("ALTER TABLE t DROP PRIMARY KEY, DROP a", "ALTER TABLE t ADD PRIMARY KEY (id)", true),
            ("ALTER TABLE t DROP PRIMARY KEY", "ALTER TABLE t ADD id INT PRIMARY KEY", true),
            ("ALTER TABLE t DROP PRIMARY KEY", "ALTER TABLE t ADD KEY (id)", false),
            ("ALTER TABLE u DROP PRIMARY KEY", "ALTER TABLE t ADD PRIMARY KEY (id)", false),
            ("ALTER TABLE b DROP x", "CREATE TABLE b (x INT)", true),
            ("ALTER TABLE b DROP y", "CREATE TABLE b (x INT)", false),
            ("DROP TABLE b", "RENAME TABLE a TO b", true),
            ("DROP TABLE a", "RENAME TABLE a TO b", false),
            ("ALTER TABLE t DROP a", "ALTER TABLE t ADD b INT AFTER a", false),
        ] {
            let (there, new) =
                (Made::by(made, Modes::default()), Made::by("ALTER TABLE b ADD y INT", Modes::default()));
            assert_eq!(takes_away(drop, &there, &new, Modes::default()), expected, "{drop}; {made}");
        }
    }
}
