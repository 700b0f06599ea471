//! Puts a question into a statement: its text with an ALGORITHM and a LOCK, or about tables of another schema. Everything
//! else of the text stays as it is.

use crate::statement::cursor::{Cursor, Token};
use crate::statement::names::{Name, unquote};
use crate::statement::table_change::{Alter, Form};
use crate::statement::tree::{self, Change, DropIndex, Guard, Ident};
use std::ops::Range;

/// Where a clause is put.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// At the end of the statement.
    Behind,
    /// Behind the table's name, as the first part of the list.
    Before,
    /// Behind the table's name, without a comma: what follows is no part of a list (PARTITION BY).
    BeforeAlone,
}

impl Place {
    /// In the order in which they are tried: the text only suffixed, where that is possible.
    pub const ALL: [Place; 3] = [Place::Behind, Place::Before, Place::BeforeAlone];
}

impl Alter<'_> {
    /// The bytes of the value of its own `ALGORITHM` or `LOCK` clause.
    fn clause(&self, word: &str) -> Option<Range<usize>> {
        let bytes = |value: &Ident| value.at..value.at + value.text.len();
        let named = |change: &Change<'_>| {
            let (Change::Algorithm(value) | Change::Lock(value)) = change else { return None };
            (matches!(change, Change::Lock(_)) == (word == "LOCK")).then(|| bytes(value))
        };
        if self.form == Form::Alter {
            return self.clauses().iter().find_map(|clause| named(&clause.change));
        }
        // After the columns of CREATE INDEX, after the table of DROP INDEX.
        let mut cursor = Cursor::new(&self.tree.tokens);
        cursor.skip_until(|token| token.is_word(word));
        cursor.next();
        cursor.eat_punct("=");
        let is_value = |value: &Ident| tree::HOW_VALUES.iter().any(|one| value.text.eq_ignore_ascii_case(one));
        cursor.ident().filter(is_value).map(|value| bytes(&value))
    }

    /// The value of its own clause, in upper case; `DEFAULT` is none.
    pub fn own(&self, word: &str) -> Option<String> {
        let value = self.clause(word).map(|span| self.tree.text[span].to_ascii_uppercase());
        let online = word == "LOCK" && matches!(&self.tree.form, tree::Form::AlterTable(alter) if alter.is_online);
        value.filter(|value| value != "DEFAULT").or_else(|| online.then(|| "NONE".to_owned()))
    }

    /// The same statement with these clauses, put where `place` says. Nothing where that cannot be.
    pub fn with(&self, algorithm: &str, lock: Option<&str>, place: Place) -> Option<String> {
        let table = self.table()?;
        let mut text = self.tree.text.to_owned();
        let mut added = Vec::new();
        let mut written = vec![("ALGORITHM", Some(algorithm)), ("LOCK", lock)];
        // From the end of the text on, so that the earlier places stay true.
        written.sort_by_key(|(word, _)| std::cmp::Reverse(self.clause(word).map_or(usize::MAX, |span| span.start)));
        for (word, value) in written {
            let Some(value) = value else { continue };
            match self.clause(word) {
                Some(span) => text.replace_range(span, value),
                None if word == "LOCK" && self.own("LOCK").is_some() => {}
                None => added.insert(0, format!("{word}={value}")),
            }
        }
        added.sort();
        match (self.form, place) {
            _ if added.is_empty() => (place == Place::Behind).then_some(text),
            (Form::Alter, Place::Behind) => Some(format!("{text}\n, {}", added.join(", "))),
            (Form::Alter, Place::Before) => self.inserted(&text, &format!(" {},", added.join(", "))),
            (Form::Alter, Place::BeforeAlone) => self.inserted(&text, &format!(" {}", added.join(", "))),
            (Form::CreateIndex, Place::Behind) => Some(format!("{text}\n{}", added.join(" "))),
            (Form::DropIndex, Place::Behind) => {
                self.as_alter(table).map(|text| format!("{text}, {}", added.join(", ")))
            }
            (Form::Optimize, Place::Behind) => self.as_alter(table).map(|text| format!("{text}, {}", added.join(", "))),
            _ => None,
        }
    }

    /// What the server makes of OPTIMIZE; and DROP INDEX, for which MariaDB takes no clause.
    fn as_alter(&self, table: &Name) -> Option<String> {
        let spell = |name: &str| format!("`{}`", name.replace('`', "``"));
        let place = match &table.schema {
            Some(schema) => format!("{}.{}", spell(schema), spell(&table.name)),
            None => spell(&table.name),
        };
        let tree::Form::DropIndex(DropIndex { guard, name, .. }) = &self.tree.form else {
            return Some(format!("ALTER TABLE {place} FORCE"));
        };
        let guard = if *guard == Guard::IfExists { "IF EXISTS " } else { "" };
        Some(format!("ALTER TABLE {place} DROP INDEX {guard}{}", name.text))
    }

    /// `text` with something behind the table's name; clauses that were replaced stand behind it.
    fn inserted(&self, text: &str, what: &str) -> Option<String> {
        let tree::Form::AlterTable(alter) = &self.tree.form else { return None };
        let at = self.tree.tokens[alter.list.start.checked_sub(1)?].end();
        Some(format!("{}{what}{}", &text[..at], &text[at..]))
    }

    /// The same statement with another schema wherever `schema` stands before a dot. Nothing where a table of that very
    /// name could be meant instead, which the caller knows.
    pub fn moved(&self, schema: &str, to: &str, same: &dyn Fn(&str, &str) -> bool) -> String {
        let mut text = self.tree.text.to_owned();
        let tokens = self.tokens();
        for at in (0..tokens.len()).rev() {
            if is_qualifier(&tokens, at) && same(&unquote(tokens[at].text), schema) {
                text.replace_range(tokens[at].at..tokens[at].end(), &format!("`{}`", to.replace('`', "``")));
            }
        }
        text
    }

    /// What stands before a first dot: a schema, or a table before its column.
    pub fn qualifiers(&self) -> Vec<String> {
        let tokens = self.tokens();
        (0..tokens.len()).filter(|at| is_qualifier(&tokens, *at)).map(|at| unquote(tokens[at].text)).collect()
    }
}

fn is_qualifier(tokens: &[Token], at: usize) -> bool {
    let dot_behind = tokens.get(at + 1).is_some_and(|token| token.is("."));
    let dot_before = at > 0 && tokens[at - 1].is(".");
    // `@@session.sql_mode`
    let is_variable = at > 1 && tokens[at - 1].is("@") && tokens[at - 2].is("@");
    tokens[at].is_name() && dot_behind && !dot_before && !is_variable
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::script::lexer::Modes;

    fn alter(sql: &str) -> Alter<'_> {
        Alter::of(sql, Modes::default())
    }

    #[test]
    fn where_a_clause_is_put() {
        let with = |sql, place| alter(sql).with("INPLACE", Some("NONE"), place);
        for (sql, place, expected) in [
            ("ALTER TABLE t ADD a INT", Place::Behind, Some("ALTER TABLE t ADD a INT\n, ALGORITHM=INPLACE, LOCK=NONE")),
            (
                "ALTER TABLE s.`t` ORDER BY a",
                Place::Before,
                Some("ALTER TABLE s.`t` ALGORITHM=INPLACE, LOCK=NONE, ORDER BY a"),
            ),
            (
                "ALTER TABLE IF EXISTS t WAIT 5 PARTITION BY HASH(a)",
                Place::BeforeAlone,
                Some("ALTER TABLE IF EXISTS t WAIT 5 ALGORITHM=INPLACE, LOCK=NONE PARTITION BY HASH(a)"),
            ),
            (
                "CREATE UNIQUE INDEX i ON t (a)",
                Place::Behind,
                Some("CREATE UNIQUE INDEX i ON t (a)\nALGORITHM=INPLACE LOCK=NONE"),
            ),
            ("CREATE INDEX i ON t (a)", Place::Before, None),
            (
                "DROP INDEX `i` ON s.t",
                Place::Behind,
                Some("ALTER TABLE `s`.`t` DROP INDEX `i`, ALGORITHM=INPLACE, LOCK=NONE"),
            ),
            ("OPTIMIZE TABLE t", Place::Behind, Some("ALTER TABLE `t` FORCE, ALGORITHM=INPLACE, LOCK=NONE")),
            (
                "ALTER TABLE t ALGORITHM=COPY, ADD a INT, LOCK = SHARED",
                Place::Behind,
                Some("ALTER TABLE t ALGORITHM=INPLACE, ADD a INT, LOCK = NONE"),
            ),
            (
                "ALTER TABLE t ADD lock INT, ALGORITHM COPY",
                Place::Behind,
                Some("ALTER TABLE t ADD lock INT, ALGORITHM INPLACE\n, LOCK=NONE"),
            ),
            ("RENAME TABLE a TO b", Place::Behind, None),
        ] {
            assert_eq!(with(sql, place).as_deref(), expected, "{sql}");
        }
    }

    #[test]
    fn schemas_before_a_dot() {
        let same = |a: &str, b: &str| a == b;
        let sql =
            "ALTER TABLE db.t ADD FOREIGN KEY (a) REFERENCES `db`.p (id), COMMENT 'db.t', ADD x INT DEFAULT (db.x)";
        assert_eq!(
            alter(sql).moved("db", "s", &same),
            "ALTER TABLE `s`.t ADD FOREIGN KEY (a) REFERENCES `s`.p (id), COMMENT 'db.t', ADD x INT DEFAULT (`s`.x)"
        );
        assert_eq!(alter("SET @@session.sql_mode = ''").qualifiers(), [""; 0]);
        assert_eq!(alter("CREATE TABLE a LIKE other.b").qualifiers(), ["other"]);
    }

    #[test]
    fn a_statement_may_say_it_itself() {
        assert_eq!(alter("ALTER ONLINE TABLE t FORCE").own("LOCK").as_deref(), Some("NONE"));
        assert_eq!(
            alter("ALTER TABLE t FORCE, algorithm = copy, LOCK DEFAULT").own("ALGORITHM").as_deref(),
            Some("COPY")
        );
        assert_eq!(alter("ALTER TABLE t FORCE, LOCK=DEFAULT").own("LOCK"), None);
        assert_eq!(alter("ALTER TABLE t ADD (lock INT, algorithm INT)").own("LOCK"), None);
    }
}
