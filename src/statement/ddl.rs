//! What recovery must know of a statement that the server cannot undo: what it does to which kind of object.

use crate::script::lexer::{Code, Kind as Token, Modes, Upper};
use crate::statement::names::{Name, leading, list};
use crate::statement::redefine;
use crate::statement::tree::ObjectKind;

/// The parts of a DDL statement that decide how its outcome is recognised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ddl {
    /// The first word, in upper case.
    pub verb: String,
    /// What kind of object it is about.
    pub object: Object,
    /// `IF EXISTS` behind the kind of object.
    pub if_exists: bool,
    /// `IF NOT EXISTS` behind the kind of object.
    pub if_not_exists: bool,
    /// `CREATE OR REPLACE`.
    pub or_replace: bool,
    /// RENAME TABLE, or an ALTER that gives the object itself a new name.
    pub is_rename: bool,
    /// An ALTER that takes something away and adds or changes something, or may swap columns: running it twice is not running
    /// it once, and the definition may be as it was.
    pub drops_and_adds: bool,
    /// An ALTER TABLE that cannot leave the definition as it was: it drops or adds what it does not bring back or take away.
    pub redefines: bool,
    /// The tables and views that alone tell whether it took effect: by being there, or by their definitions. Where it leaves
    /// both as they were, running it again does so, too. Empty where more than these must be looked at.
    pub shows_in: Vec<Name>,
    /// A DROP, or a statement about accounts, of more than one object: MariaDB may do a part of it.
    pub multi_object: bool,
    /// An ALTER or a RENAME of more than one clause; ALGORITHM and LOCK are none.
    pub several_clauses: bool,
    /// The objects named behind the kind of object, in order: all of a list, the first otherwise.
    pub targets: Vec<Name>,
}

/// A kind of object in a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs)]
pub enum Object {
    Table,
    View,
    Procedure,
    Function,
    Trigger,
    Event,
    Database,
    /// Users and roles, and what is granted to them.
    User,
    Index,
    Sequence,
    /// Of MariaDB: what a package offers.
    Package,
    /// And how it does it.
    PackageBody,
    Other,
}

impl From<ObjectKind> for Object {
    fn from(kind: ObjectKind) -> Object {
        match kind {
            ObjectKind::Table => Object::Table,
            ObjectKind::Index => Object::Index,
            ObjectKind::View => Object::View,
            ObjectKind::Sequence => Object::Sequence,
            ObjectKind::Trigger => Object::Trigger,
            ObjectKind::Procedure => Object::Procedure,
            ObjectKind::Function => Object::Function,
            ObjectKind::Event => Object::Event,
            ObjectKind::Package => Object::Package,
            ObjectKind::PackageBody => Object::PackageBody,
            ObjectKind::Database => Object::Database,
            ObjectKind::Account => Object::User,
            ObjectKind::Server | ObjectKind::Tablespace | ObjectKind::Administrative | ObjectKind::Other => {
                Object::Other
            }
        }
    }
}

type Tokens<'a> = [(Token, &'a str)];

/// Whether a CREATE TABLE asks for no other engine than InnoDB, by name or like another table. A column called `engine` is
/// taken for one.
pub fn suits_innodb(sql: &str, modes: Modes) -> bool {
    let mut code = Code::new(sql, modes).filter(|token| *token != (Token::Punct, "="));
    while let Some((kind, text)) = code.next() {
        let is = |word: &str| kind == Token::Word && text.eq_ignore_ascii_case(word);
        let is_other =
            |next: Option<(Token, &str)>| next.is_none_or(|(_, engine)| !engine.eq_ignore_ascii_case("InnoDB"));
        if is("LIKE") || is("TYPE") || is("ENGINE") && is_other(code.next()) {
            return false;
        }
    }
    true
}

impl Ddl {
    /// Reads a statement that is known to be no other kind.
    pub(crate) fn of(sql: &str, modes: Modes) -> Ddl {
        let tokens: Vec<_> = Code::new(sql, modes).skip_while(|token| *token == (Token::Punct, "(")).collect();
        let verb = tokens.first().map_or_else(String::new, |token| token.1.to_ascii_uppercase());
        let (object, after) = object(&verb, &tokens);
        let if_not_exists = starts_with(&tokens[after..], &["IF", "NOT", "EXISTS"]);
        let if_exists = starts_with(&tokens[after..], &["IF", "EXISTS"]);
        let named = &tokens[after
            + if if_not_exists {
                3
            } else if if_exists {
                2
            } else {
                0
            }..];
        let outer = outer_words(&tokens);
        let has = |word: &str| outer.iter().any(|(_, outer)| outer.as_str() == word);
        let is_alter = verb == "ALTER";
        let targets = if object == Object::User { Vec::new() } else { list(named) };
        let or_replace = starts_with(&tokens, &["CREATE", "OR", "REPLACE"]);
        let is_table = is_alter && object == Object::Table;
        let redefines = is_table && !redefine::may_be_skipped(sql) && redefine::always(named);
        let shows_in = match (object, verb.as_str()) {
            (Object::Table | Object::View, "CREATE") if !or_replace => targets.clone(),
            (Object::Table | Object::View, "DROP") => targets.clone(),
            (Object::Table, "ALTER") if shows(named, redefines) => targets.clone(),
            (Object::Index, "CREATE" | "DROP") if !or_replace => table_of_index(named).into_iter().collect(),
            _ => Vec::new(),
        };
        // What is granted stands before TO, and may be a list as well.
        let listed = match verb.as_str() {
            "GRANT" => outer.iter().rposition(|(_, word)| word.as_str() == "TO"),
            "REVOKE" => outer.iter().rposition(|(_, word)| word.as_str() == "FROM"),
            "DROP" => Some(0),
            _ => (object == Object::User).then_some(0),
        };
        Ddl {
            object,
            if_exists,
            if_not_exists,
            or_replace,
            is_rename: verb == "RENAME" && object == Object::Table || is_alter && renames(&tokens, &outer),
            drops_and_adds: is_alter
                && !redefines
                && (has("DROP") && (has("ADD") || has("MODIFY") || has("CHANGE")) || may_swap(&outer)),
            redefines,
            shows_in,
            several_clauses: (is_alter || verb == "RENAME") && object == Object::Table && clauses(&outer) > 1,
            multi_object: listed.is_some_and(|from| outer[from..].iter().any(|(_, text)| text.as_str() == ",")),
            targets,
            verb,
        }
    }
}

/// How many clauses there are, at least one, beside those that only say how it is done.
fn clauses(outer: &[(usize, Upper)]) -> usize {
    let says_how =
        |next: Option<&(usize, Upper)>| next.is_some_and(|(_, word)| matches!(word.as_str(), "ALGORITHM" | "LOCK"));
    let behind_comma = outer.iter().enumerate().filter(|(_, (_, text))| text.as_str() == ",");
    1 + behind_comma.filter(|(at, _)| !says_how(outer.get(at + 1))).count()
}

/// A DROP with `IF EXISTS`, which drops those of a list that are there.
pub fn drop_if_exists(sql: &str, modes: Modes) -> Option<String> {
    let mut code = Code::new(sql, modes);
    let is_kind =
        |(_, text): (Token, &str)| matches!(Upper::of(text).as_str(), "TABLE" | "TABLES" | "VIEW" | "SEQUENCE");
    while let Some(token) = code.next() {
        if is_kind(token) {
            let (before, behind) = sql.split_at(code.end());
            return Some(format!("{before} IF EXISTS{behind}"));
        }
    }
    None
}

/// The kind of object, and how many tokens there are up to behind its word.
fn object(verb: &str, tokens: &Tokens) -> (Object, usize) {
    match verb {
        "GRANT" | "REVOKE" | "SET" => return (Object::User, 1.min(tokens.len())),
        "CREATE" | "ALTER" | "DROP" | "RENAME" | "TRUNCATE" => {}
        _ => return (Object::Other, 1.min(tokens.len())),
    }
    let mut at = 1;
    while let Some(&(kind, text)) = tokens.get(at) {
        at += 1;
        let word = if kind == Token::Word { Upper::of(text) } else { Upper::of("") };
        let object = match word.as_str() {
            "TABLE" | "TABLES" => Object::Table,
            "VIEW" => Object::View,
            "PROCEDURE" => Object::Procedure,
            "FUNCTION" => Object::Function,
            "TRIGGER" => Object::Trigger,
            "EVENT" => Object::Event,
            "DATABASE" | "SCHEMA" => Object::Database,
            "USER" | "ROLE" => Object::User,
            "INDEX" => Object::Index,
            "SEQUENCE" => Object::Sequence,
            "PACKAGE" if tokens.get(at).is_some_and(|next| next.1.eq_ignore_ascii_case("BODY")) => {
                at += 1;
                Object::PackageBody
            }
            "PACKAGE" => Object::Package,
            "SERVER" | "TABLESPACE" | "LOGFILE" | "SPATIAL" if !is_index(tokens, at) => Object::Other,
            // OR REPLACE, ONLINE, UNIQUE, SQL SECURITY INVOKER, DEFINER = …
            _ if verb == "TRUNCATE" => return (Object::Table, at - 1),
            _ => {
                at += account(tokens, at);
                continue;
            }
        };
        return (object, at);
    }
    (Object::Other, tokens.len().min(1))
}

fn is_index(tokens: &Tokens, at: usize) -> bool {
    tokens.get(at).is_some_and(|token| token.1.eq_ignore_ascii_case("index"))
}

/// The tokens of `= something`, which may be an account called `event` or `table`.
fn account(tokens: &Tokens, at: usize) -> usize {
    match tokens.get(at..) {
        Some([(_, "="), _, (_, "@"), _, ..]) => 4,
        Some([(_, "="), _, ..]) => 2,
        _ => 0,
    }
}

fn starts_with(tokens: &Tokens, words: &[&str]) -> bool {
    tokens.len() >= words.len()
        && tokens.iter().zip(words).all(|(token, word)| token.0 == Token::Word && token.1.eq_ignore_ascii_case(word))
}

/// The bare words and commas outside of parentheses that are no names of something qualified, in upper case; empty where one
/// cannot be a keyword.
fn outer_words(tokens: &Tokens) -> Vec<(usize, Upper)> {
    let mut depth = 0_usize;
    let mut words = Vec::new();
    for (at, &(kind, text)) in tokens.iter().enumerate() {
        let is_name = at > 0 && matches!(tokens[at - 1], (Token::Punct, "." | "@"));
        match (kind, text) {
            (Token::Punct, "(") => depth += 1,
            (Token::Punct, ")") => depth = depth.saturating_sub(1),
            (Token::Punct, ",") if depth == 0 => words.push((at, Upper::of(text))),
            (Token::Word, _) if depth == 0 && !is_name => words.push((at, Upper::of(text))),
            _ => {}
        }
    }
    words
}

/// Whether the clauses behind the table's name add parts, take parts away, or describe or name parts anew, and nothing else. What
/// takes away and adds might leave the definition as it was, unless it brings other names; a rebuild always does.
fn shows(named: &Tokens, redefines: bool) -> bool {
    let Some((_, clauses)) = leading(named) else { return false };
    let outer = outer_words(clauses);
    if may_swap(&outer) && !redefines {
        return false;
    }
    let (mut drops, mut others) = (false, false);
    for clause in outer.split(|(_, text)| text.as_str() == ",") {
        match clause.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>()[..] {
            ["ALGORITHM" | "LOCK", ..] => {}
            [_, ..] if clause.iter().any(|(_, text)| text.as_str() == "PARTITION") => return false,
            ["DROP", ..] => drops = true,
            ["ADD" | "MODIFY" | "CHANGE", ..] | ["RENAME", "COLUMN" | "INDEX" | "KEY", ..] => others = true,
            _ => return false,
        }
    }
    drops != others || redefines
}

/// Several columns get new names, and new places: each may have those of another one.
fn may_swap(outer: &[(usize, Upper)]) -> bool {
    let is_renaming = |two: &&[(usize, Upper)]| {
        matches!((two[0].1.as_str(), two[1].1.as_str()), ("CHANGE", _) | ("RENAME", "COLUMN"))
    };
    outer.windows(2).filter(is_renaming).count() > 1
        && outer.iter().any(|(_, word)| matches!(word.as_str(), "FIRST" | "AFTER"))
}

/// Of `i ON t (…)`. The index itself may have any name, in quotes.
fn table_of_index(named: &Tokens) -> Option<Name> {
    let on = named.iter().position(|(kind, text)| *kind == Token::Word && text.eq_ignore_ascii_case("ON"))?;
    leading(&named[on + 1..]).map(|(table, _)| table)
}

/// ALTER … RENAME [TO|AS|=] name, but not RENAME COLUMN or RENAME INDEX.
fn renames(tokens: &Tokens, outer: &[(usize, Upper)]) -> bool {
    outer.iter().filter(|(_, word)| word.as_str() == "RENAME").any(|(at, _)| {
        let part = ["COLUMN", "INDEX", "KEY", "CONSTRAINT"];
        let is_part =
            |next: &(Token, &str)| next.0 == Token::Word && part.iter().any(|part| next.1.eq_ignore_ascii_case(part));
        tokens.get(at + 1).is_some_and(|next| !is_part(next))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_tables_are_innodb_s() {
        for sql in
            ["CREATE TABLE t (a INT)", "CREATE TABLE t (a INT) engine = innodb", "CREATE TABLE t (e INT) ENGINE InnoDB"]
        {
            assert!(suits_innodb(sql, Modes::default()), "{sql}");
        }
        for sql in [
            "CREATE TABLE t (a INT) ENGINE=MyISAM",
            "CREATE TABLE t LIKE u",
            "CREATE TABLE t (LIKE u)",
            "CREATE TABLE t (engine INT)",
            "CREATE TABLE t (a INT) ENGINE=InnoDB PARTITION BY HASH (a) (PARTITION p ENGINE = Aria)",
            "CREATE TABLE t (a INT) ENGINE",
        ] {
            assert!(!suits_innodb(sql, Modes::default()), "{sql}");
        }
    }

    #[test]
    fn several_clauses() {
        for (sql, expected) in [
            ("ALTER TABLE t DROP a", false),
            ("ALTER TABLE t DROP a, ALGORITHM=INPLACE, LOCK=NONE", false),
            ("ALTER TABLE t ADD (a INT, b INT)", false),
            ("ALTER TABLE t DROP a, ADD b INT", true),
            ("RENAME TABLE a TO b, c TO d", true),
            ("DROP TABLE a, b", false),
        ] {
            assert_eq!(Ddl::of(sql, Modes::default()).several_clauses, expected, "{sql}");
        }
    }

    #[test]
    fn a_drop_of_those_that_are_there() {
        let dropped = |sql| drop_if_exists(sql, Modes::default());
        assert_eq!(dropped("DROP TABLE a, b").as_deref(), Some("DROP TABLE IF EXISTS a, b"));
        assert_eq!(dropped("drop /* all */ view`a`,b").as_deref(), Some("drop /* all */ view IF EXISTS`a`,b"));
        assert_eq!(dropped("SELECT 1"), None);
    }

    #[test]
    fn where_an_effect_shows() {
        for (sql, expected) in [
            ("CREATE TABLE s.a (id INT REFERENCES b (id))", "s.a"),
            ("CREATE TABLE IF NOT EXISTS `a` LIKE b", "a"),
            ("CREATE OR REPLACE TABLE a (id INT)", ""),
            ("CREATE ALGORITHM=MERGE VIEW v AS SELECT 1 FROM t", "v"),
            ("CREATE OR REPLACE VIEW v AS SELECT 1", ""),
            ("DROP TABLE IF EXISTS a, s.b CASCADE", "a s.b"),
            ("DROP VIEW v", "v"),
            ("CREATE UNIQUE INDEX i ON s.t (a, b)", "s.t"),
            ("DROP INDEX `on` ON t ALGORITHM=INPLACE", "t"),
            ("ALTER TABLE t ADD COLUMN a DECIMAL(4, 2), ADD KEY (a), ALGORITHM=INSTANT, LOCK=NONE", "t"),
            ("ALTER TABLE t ADD a INT, MODIFY b INT, CHANGE c d INT", "t"),
            ("ALTER TABLE t DROP COLUMN a, DROP FOREIGN KEY f", "t"),
            ("ALTER TABLE t RENAME COLUMN a TO b, RENAME INDEX i TO j", "t"),
            // It does not bring back what it drops.
            ("ALTER TABLE t DROP INDEX a, ADD INDEX b (x)", "t"),
            ("ALTER TABLE t DROP COLUMN a, MODIFY b INT", "t"),
            ("ALTER TABLE t CHANGE a b INT AFTER id, CHANGE c d INT FIRST", "t"),
            // There and back, a rebuild, or something that no definition shows.
            ("ALTER TABLE t DROP COLUMN a, ADD COLUMN a INT", ""),
            ("ALTER TABLE t DROP INDEX a, MODIFY a INT UNIQUE", ""),
            // Some servers skip a part of it.
            ("ALTER TABLE t DROP COLUMN a, ADD COLUMN a INT /*!99999 , ADD COLUMN b INT */", ""),
            ("ALTER TABLE t ADD COLUMN a INT, ENGINE=InnoDB", ""),
            ("ALTER TABLE t ADD PARTITION (PARTITION p VALUES LESS THAN (9))", ""),
            ("ALTER TABLE t DROP PARTITION p", ""),
            ("ALTER TABLE t ADD COLUMN a INT, RENAME TO u", ""),
            ("ALTER TABLE t CHANGE a b INT AFTER id, CHANGE b a INT FIRST", ""),
            ("ALTER TABLE t CHANGE a b INT, CHANGE b a INT", "t"),
            ("ALTER TABLE t AUTO_INCREMENT=9", ""),
            ("ALTER TABLE t ALGORITHM=COPY", ""),
            ("ALTER TABLE t", ""),
            ("ALTER VIEW v AS SELECT 2", ""),
            ("RENAME TABLE a TO b", ""),
            ("TRUNCATE TABLE t", ""),
            ("CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW SET @a = 1", ""),
            ("CREATE SEQUENCE s", ""),
            ("DROP USER a@b", ""),
        ] {
            let spell = |name: &Name| name.schema.iter().chain([&name.name]).cloned().collect::<Vec<_>>().join(".");
            let found: Vec<String> = Ddl::of(sql, Modes::default()).shows_in.iter().map(spell).collect();
            assert_eq!(found.join(" "), expected, "{sql}");
        }
    }
}
