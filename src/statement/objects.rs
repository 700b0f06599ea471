//! What a DDL statement makes and what it takes away, by name: tables and other objects, and the columns and keys of a table.
//! So it can be told whether what a down takes back was ever made by its up. Not a parser: a clause that is not known is
//! told as one that does something else.

use crate::script::lexer::{Code, Kind as Token, Modes};
use crate::statement::class::Kind;
use crate::statement::ddl::{Ddl, Object};
use crate::statement::names::{Name, leading, unquote};
use std::collections::HashMap;

/// Something that is made or taken away, as the statement spells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    what: What,
    /// The object, or the table that it belongs to.
    object: Name,
    /// The column, or the key.
    name: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum What {
    /// Tables, views and sequences share their names.
    Relation,
    Object(Object),
    Column,
    /// Indexes and constraints; the primary key is called PRIMARY.
    Key,
}

const PRIMARY: &str = "PRIMARY";

/// What one statement does to parts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parts {
    /// They are there behind it.
    pub makes: Vec<Part>,
    /// It drops them.
    pub drops: Vec<Part>,
    /// They have another name behind it.
    pub renames: Vec<Part>,
    /// It does something else as well, or nothing else is known.
    pub does_more: bool,
}

impl Parts {
    /// Of a statement of any kind; of one that is no DDL there are none.
    pub fn of(sql: &str, modes: Modes) -> Parts {
        let Kind::Ddl(ddl) = Kind::of(sql, modes) else { return Parts { does_more: true, ..Parts::default() } };
        let tokens: Vec<(Token, &str)> = Code::new(sql, modes).collect();
        let objects = || ddl.targets.iter().map(|target| Part::object(ddl.object, target.clone())).collect();
        let mut parts = Parts::default();
        match (ddl.verb.as_str(), ddl.object) {
            ("CREATE", Object::Index) => parts.makes.extend(index(&ddl, &tokens)),
            ("DROP", Object::Index) => parts.drops.extend(index(&ddl, &tokens)),
            ("CREATE", _) => parts.makes = objects(),
            ("DROP", _) => parts.drops = objects(),
            ("RENAME", Object::Table) => parts.rename_tables(&tokens),
            ("ALTER", Object::Table) => parts.alter(&tokens),
            _ => parts.does_more = true,
        }
        parts
    }

    /// What is not there any more behind it, under its old name.
    pub fn takes(&self) -> impl Iterator<Item = &Part> {
        self.drops.iter().chain(&self.renames)
    }

    fn rename_tables(&mut self, tokens: &[(Token, &str)]) {
        for pair in clauses(tokens.get(2..).unwrap_or_default()) {
            let to = pair.iter().position(|token| is(token, "TO"));
            let names = to.and_then(|to| Some((leading(skip_if(&pair[..to]))?.0, leading(&pair[to + 1..])?.0)));
            let Some((old, new)) = names else { continue };
            self.renames.push(Part::object(Object::Table, old));
            self.makes.push(Part::object(Object::Table, new));
        }
    }

    fn alter(&mut self, tokens: &[(Token, &str)]) {
        let word = tokens.iter().position(|token| is(token, "TABLE")).map_or(0, |at| at + 1);
        let Some((table, rest)) = leading(skip_if(&tokens[word..])) else { return };
        // MariaDB: `WAIT 5` and `NOWAIT` stand in front of the list.
        let rest = match rest {
            [wait, _, rest @ ..] if is(wait, "WAIT") => rest,
            _ => skip(rest, "NOWAIT"),
        };
        for clause in clauses(rest) {
            self.clause(&table, clause);
        }
    }

    fn clause(&mut self, table: &Name, clause: &[(Token, &str)]) {
        let column = |name: &str| Part { what: What::Column, object: table.clone(), name: unquote(name) };
        let key = |name: &str| Part { what: What::Key, object: table.clone(), name: unquote(name) };
        let Some((verb, rest)) = clause.split_first() else { return };
        let next = |word: &str| rest.first().is_some_and(|token| is(token, word));
        let rest = skip(rest, "COLUMN");
        if is(verb, "ALGORITHM") || is(verb, "LOCK") {
        } else if is(verb, "ADD") {
            self.add(table, rest);
        } else if is(verb, "DROP") {
            match dropped(rest) {
                Some((What::Column, name)) => self.drops.push(column(name)),
                Some((_, name)) => self.drops.push(key(name)),
                None => self.does_more = true,
            }
        } else if is(verb, "CHANGE") {
            self.change(table, skip_if(rest));
        } else if is(verb, "MODIFY") {
            self.does_more = true;
            self.makes.extend(clause.iter().any(|token| is(token, PRIMARY)).then(|| key(PRIMARY)));
        } else if is(verb, "RENAME") && (next("COLUMN") || next("INDEX") || next("KEY")) {
            let rest = if next("COLUMN") { rest } else { &rest[1..] };
            let [(_, old), _, (_, new), ..] = skip_if(rest) else { return };
            let part = |name: &str| if next("COLUMN") { column(name) } else { key(name) };
            self.renames.push(part(old));
            self.makes.push(part(new));
        } else if is(verb, "RENAME") {
            let named = rest.strip_prefix(&[(Token::Punct, "=")]).unwrap_or(skip(skip(rest, "TO"), "AS"));
            let Some((new, _)) = leading(named) else { return };
            self.renames.push(Part::object(Object::Table, table.clone()));
            self.makes.push(Part::object(Object::Table, new));
        } else {
            self.does_more = true;
        }
    }

    /// `CHANGE old new …`
    fn change(&mut self, table: &Name, rest: &[(Token, &str)]) {
        let [(_, old), (_, new), definition @ ..] = rest else { return };
        let part = |what: What, name: &str| Part { what, object: table.clone(), name: unquote(name) };
        if unquote(old).eq_ignore_ascii_case(&unquote(new)) {
            self.does_more = true;
        } else {
            self.renames.push(part(What::Column, old));
            self.makes.push(part(What::Column, new));
        }
        self.makes.extend(definition.iter().any(|token| is(token, PRIMARY)).then(|| part(What::Key, PRIMARY)));
    }

    /// Behind ADD, or one entry of `ADD (…, …)`.
    fn add(&mut self, table: &Name, rest: &[(Token, &str)]) {
        if let [(Token::Punct, "("), list @ ..] = rest {
            let end = list.iter().rposition(|token| token.1 == ")").unwrap_or(list.len());
            return clauses(&list[..end]).into_iter().for_each(|entry| self.add(table, entry));
        }
        let part = |what: What, name: &str| Part { what, object: table.clone(), name: unquote(name) };
        let first = |words: &[&str]| rest.first().is_some_and(|token| words.iter().any(|word| is(token, word)));
        if first(&["PARTITION", "PERIOD", "SYSTEM"]) {
            self.does_more = true;
        } else if first(&["INDEX", "KEY", "UNIQUE", "FULLTEXT", "SPATIAL", "CONSTRAINT", "PRIMARY", "FOREIGN", "CHECK"])
        {
            self.makes.extend(key_name(rest).iter().map(|name| part(What::Key, name)));
        } else if let [(_, name), definition @ ..] = skip_if(rest) {
            self.makes.push(part(What::Column, name));
            let has = |word: &str| definition.iter().any(|token| is(token, word));
            self.makes.extend(has(PRIMARY).then(|| part(What::Key, PRIMARY)));
            self.makes.extend(has("UNIQUE").then(|| part(What::Key, name)));
        }
    }
}

impl Part {
    fn object(object: Object, name: Name) -> Part {
        let what = match object {
            Object::Table | Object::View | Object::Sequence => What::Relation,
            other => What::Object(other),
        };
        Part { what, object: name, name: String::new() }
    }

    /// The name, if it is a table, a view or a sequence.
    pub fn relation(&self) -> Option<&str> {
        (self.what == What::Relation).then_some(self.object.name.as_str())
    }

    fn key(&self) -> (What, String, String) {
        (self.what, self.object.name.to_lowercase(), self.name.to_lowercase())
    }

    fn is_of_one(&self, schemas: &[Option<String>]) -> bool {
        schemas.iter().any(|schema| match (schema, &self.object.schema) {
            (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
            _ => true,
        })
    }
}

/// What several statements make. Names without a schema are taken for those of any.
#[derive(Debug, Default)]
pub struct Made {
    by_name: HashMap<(What, String, String), Vec<Option<String>>>,
    /// Tables that CREATE has made, with all that is in them.
    tables: HashMap<String, Vec<Option<String>>>,
}

impl Made {
    /// Of one statement.
    pub fn by(sql: &str, modes: Modes) -> Made {
        let mut made = Made::default();
        made.add(sql, modes);
        made
    }

    /// Adds what a statement makes.
    pub fn add(&mut self, sql: &str, modes: Modes) {
        let is_create = Code::new(sql, modes).next().is_some_and(|token| is(&token, "CREATE"));
        for part in Parts::of(sql, modes).makes {
            if is_create && part.what == What::Relation {
                self.tables.entry(part.key().1).or_default().push(part.object.schema.clone());
            }
            self.add_part(part);
        }
    }

    /// Adds something itself.
    pub fn add_part(&mut self, part: Part) {
        self.by_name.entry(part.key()).or_default().push(part.object.schema);
    }

    /// Whether it is among them itself.
    pub fn names(&self, part: &Part) -> bool {
        self.by_name.get(&part.key()).is_some_and(|schemas| part.is_of_one(schemas))
    }

    /// Whether it is among them, or belongs to a table that is.
    pub fn holds(&self, part: &Part) -> bool {
        let is_inside = matches!(part.what, What::Column | What::Key);
        let table = self.tables.get(&part.key().1).filter(|_| is_inside);
        self.names(part) || table.is_some_and(|schemas| part.is_of_one(schemas))
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }
}

/// `i ON t`
fn index(ddl: &Ddl, tokens: &[(Token, &str)]) -> Option<Part> {
    let name = ddl.targets.first()?.name.clone();
    let on = tokens.iter().position(|token| is(token, "ON"))?;
    let (table, _) = leading(&tokens[on + 1..])?;
    Some(Part { what: What::Key, object: table, name })
}

/// Behind DROP in an ALTER TABLE, `COLUMN` left out.
fn dropped<'a>(rest: &[(Token, &'a str)]) -> Option<(What, &'a str)> {
    let first = |word: &str| rest.first().is_some_and(|token| is(token, word));
    if first("PARTITION") || first("PERIOD") || first("SYSTEM") {
        return None;
    }
    if first(PRIMARY) {
        return Some((What::Key, PRIMARY));
    }
    let (what, rest) = match rest {
        [_, _, rest @ ..] if first("FOREIGN") => (What::Key, rest),
        [_, rest @ ..] if first("INDEX") || first("KEY") || first("CONSTRAINT") || first("CHECK") => (What::Key, rest),
        rest => (What::Column, rest),
    };
    skip_if(rest).first().map(|(_, name)| (what, *name))
}

/// The names that a key may be dropped by: its own and its constraint's, or the first column's.
fn key_name(rest: &[(Token, &str)]) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = rest;
    if let [first, more @ ..] = rest
        && is(first, "CONSTRAINT")
    {
        const KINDS: [&str; 5] = ["PRIMARY", "UNIQUE", "FOREIGN", "CHECK", "KEY"];
        rest = skip_if(more);
        if let [(kind, name), behind @ ..] = rest
            && (*kind == Token::Quoted || !KINDS.iter().any(|word| name.eq_ignore_ascii_case(word)))
        {
            found.push(unquote(name));
            rest = behind;
        }
    }
    if rest.first().is_some_and(|token| is(token, PRIMARY)) {
        return vec![PRIMARY.to_owned()];
    }
    let words = ["UNIQUE", "FULLTEXT", "SPATIAL", "FOREIGN", "INDEX", "KEY", "CHECK"];
    while rest.first().is_some_and(|token| words.iter().any(|word| is(token, word))) {
        rest = &rest[1..];
    }
    let named = skip_if(rest).iter().find(|(kind, _)| matches!(kind, Token::Word | Token::Quoted));
    found.extend(named.map(|(_, name)| unquote(name)));
    found
}

pub(super) fn is(token: &(Token, &str), word: &str) -> bool {
    token.0 == Token::Word && token.1.eq_ignore_ascii_case(word)
}

pub(super) fn skip<'t, 'a>(tokens: &'t [(Token, &'a str)], word: &str) -> &'t [(Token, &'a str)] {
    if tokens.first().is_some_and(|token| is(token, word)) { &tokens[1..] } else { tokens }
}

/// Without `IF EXISTS` or `IF NOT EXISTS` in front.
pub(super) fn skip_if<'t, 'a>(tokens: &'t [(Token, &'a str)]) -> &'t [(Token, &'a str)] {
    match tokens.first() {
        Some(token) if is(token, "IF") => skip(skip(&tokens[1..], "NOT"), "EXISTS"),
        _ => tokens,
    }
}

/// The parts of a list, between its outer commas.
pub(super) fn clauses<'t, 'a>(tokens: &'t [(Token, &'a str)]) -> Vec<&'t [(Token, &'a str)]> {
    let mut depth = 0_usize;
    let is_comma = |token: &(Token, &str)| {
        match token.1 {
            "(" => depth += 1,
            ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && *token == (Token::Punct, ",")
    };
    tokens.split(is_comma).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(parts: &[Part]) -> String {
        let word = |part: &Part| match (&part.name, part.what) {
            (_, What::Relation) => part.object.name.clone(),
            (_, What::Object(_)) => format!("{}!", part.object.name),
            (name, What::Column) => format!("{}.{name}", part.object.name),
            (name, What::Key) => format!("{}#{name}", part.object.name),
        };
        parts.iter().map(word).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn what_is_made_dropped_and_renamed() {
        for (sql, makes, drops, renames, more) in [
            ("CREATE TABLE IF NOT EXISTS s.a (b INT, KEY c (b))", "a", "", "", false),
            ("CREATE OR REPLACE VIEW v AS SELECT 1", "v", "", "", false),
            ("CREATE PROCEDURE p() SELECT 1", "p!", "", "", false),
            ("CREATE UNIQUE INDEX i ON t (a)", "t#i", "", "", false),
            ("DROP INDEX i ON t", "", "t#i", "", false),
            ("DROP TABLE IF EXISTS a, `b`", "", "a b", "", false),
            ("RENAME TABLE t TO t_old, s.new TO t", "t_old t", "", "t new", false),
            ("ALTER TABLE t RENAME TO u", "u", "", "t", false),
            ("ALTER TABLE t RENAME = u", "u", "", "t", false),
            ("ALTER TABLE t WAIT 5 DROP a", "", "t.a", "", false),
            ("ALTER TABLE IF EXISTS t RENAME u, ALGORITHM=COPY", "u", "", "t", false),
            (
                "ALTER TABLE t ADD a INT AFTER b, ADD COLUMN IF NOT EXISTS c DECIMAL(4, 2) FIRST",
                "t.a t.c",
                "",
                "",
                false,
            ),
            ("ALTER TABLE t ADD (a INT, KEY k (a), b INT UNIQUE)", "t.a t#k t.b t#b", "", "", false),
            ("ALTER TABLE t ADD a INT PRIMARY KEY", "t.a t#PRIMARY", "", "", false),
            ("ALTER TABLE t ADD INDEX i (a), ADD UNIQUE (b), ADD FULLTEXT KEY f (c)", "t#i t#b t#f", "", "", false),
            ("ALTER TABLE t ADD CONSTRAINT c PRIMARY KEY (a)", "t#PRIMARY", "", "", false),
            ("ALTER TABLE t ADD PRIMARY KEY (a)", "t#PRIMARY", "", "", false),
            ("ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (a) REFERENCES u (b)", "t#f t#a", "", "", false),
            ("ALTER TABLE t MODIFY a INT PRIMARY KEY", "t#PRIMARY", "", "", true),
            ("ALTER TABLE t DROP a, DROP COLUMN IF EXISTS b, DROP KEY c", "", "t.a t.b t#c", "", false),
            (
                "ALTER TABLE t DROP PRIMARY KEY, DROP FOREIGN KEY f, DROP CONSTRAINT g",
                "",
                "t#PRIMARY t#f t#g",
                "",
                false,
            ),
            ("ALTER TABLE t DROP PARTITION p", "", "", "", true),
            ("ALTER TABLE t CHANGE a b INT, CHANGE COLUMN c c BIGINT", "t.b", "", "t.a", true),
            ("ALTER TABLE t RENAME COLUMN a TO b, RENAME KEY i TO j", "t.b t#j", "", "t.a t#i", false),
            ("ALTER TABLE t ENGINE=InnoDB", "", "", "", true),
            ("ALTER TABLE t ALTER a SET DEFAULT 1", "", "", "", true),
            ("DROP USER u", "", "", "", false),
            ("UPDATE t SET a = 1", "", "", "", true),
            ("ALTER TABLE t", "", "", "", false),
            ("RENAME TABLE", "", "", "", false),
        ] {
            let parts = Parts::of(sql, Modes::default());
            let found = (spelled(&parts.makes), spelled(&parts.drops), spelled(&parts.renames), parts.does_more);
            assert_eq!(found, (makes.to_owned(), drops.to_owned(), renames.to_owned(), more), "{sql}");
        }
    }

    #[test]
    fn what_belongs_to_a_table_that_was_made() {
        let modes = Modes::default();
        let holds =
            |made: &str, drop: &str| Parts::of(drop, modes).takes().all(|part| Made::by(made, modes).holds(part));
        for (made, drop, expected) in [
            ("CREATE TABLE t (a INT)", "ALTER TABLE T DROP A", true),
            ("CREATE TABLE s.t (a INT)", "DROP TABLE t", true),
            ("CREATE TABLE s.t (a INT)", "DROP TABLE u.t", false),
            // A table that only has a new name was full before.
            ("RENAME TABLE t TO u", "ALTER TABLE u DROP a", false),
            ("RENAME TABLE t TO u", "DROP TABLE u", true),
            ("RENAME TABLE t TO u", "DROP TABLE t", false),
            ("ALTER TABLE t ADD a_new INT AFTER a", "ALTER TABLE t DROP a", false),
        ] {
            assert_eq!(holds(made, drop), expected, "{made}; {drop}");
        }
    }
}
