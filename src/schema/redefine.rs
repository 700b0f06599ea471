//! What a statement drops and brings back under the same name, compared with what SHOW CREATE TABLE says of it.

use crate::schema::collation::Defaults;
use crate::schema::snapshot::Table;
use crate::script::lexer::Modes;
use crate::statement::Statement;
use crate::statement::cursor::{Cursor, Token, commas, tokens};
use crate::statement::redefine::clause::{Clause, Part, Plain, read};
use crate::statement::redefine::{self, brings_column, may_bring_key, same, takes_column};
use crate::statement::tree::Form;

/// Whether an ALTER TABLE changes the definition of its table, which is defined like this, and so can be known by it alone.
pub fn here(sql: &str, modes: Modes, shown: &str) -> bool {
    let tree = Statement::parse(sql, modes);
    let Form::AlterTable(alter) = &tree.form else { return false };
    let Some(clauses) = read(&tree, alter).filter(|_| !tree.has_executable_comment) else { return false };
    let shown = Table::parse(shown, &Defaults::default());
    clauses.iter().any(|clause| redefine::tells(clause, &clauses) || tells(clause, &clauses, &shown))
}

/// Whether this clause changes the definition, whatever the others do.
fn tells(clause: &Clause, all: &[Clause], shown: &Table) -> bool {
    match clause {
        Clause::Drops(Part::ForeignKey, name) => {
            shown.constraints.keys().any(|key| same(key, name)) && !may_bring_key(all, Part::ForeignKey, name)
        }
        Clause::Adds(Part::Index, name, key) => {
            let old = shown.keys.iter().find(|(key, _)| same(key, name));
            old.is_some_and(|(_, old)| is_other_key(old, key))
        }
        Clause::Adds(Part::Column, name, definition) => {
            moves(name, all, shown) || column(shown, name).is_some_and(|old| is_other_column(old, definition))
        }
        Clause::Changes(old, new, definition) if old == new => {
            column(shown, old).is_some_and(|old| is_other_column(old, definition))
        }
        Clause::Changes(..) | Clause::Adds(..) | Clause::Drops(..) => false,
        Clause::MayDrop(..) | Clause::MayAdd(_) | Clause::Neither => false,
    }
}

fn column<'t>(shown: &'t Table, name: &Plain) -> Option<&'t str> {
    shown.columns.iter().find(|column| same(&column.name, name)).map(|column| column.definition.as_str())
}

/// One is unique and the other is not, or they are about other columns.
fn is_other_key(old: &str, new: &[Token]) -> bool {
    let old = tokens(old, Modes::default());
    let is_unique = |key: &[Token]| key.iter().take_while(|token| !token.is("(")).any(|token| token.is_word("UNIQUE"));
    is_unique(&old) != is_unique(new) || key_columns(&old).zip(key_columns(new)).is_some_and(|(old, new)| old != new)
}

/// The columns in parentheses. None where one of them is an expression.
fn key_columns(key: &[Token]) -> Option<Vec<Plain>> {
    let mut cursor = Cursor::new(key);
    cursor.skip_until(|token| token.is("("));
    let inner = cursor.inner()?;
    commas(inner, 0).into_iter().map(|part| Plain::of(Cursor::within(inner, part).ident()?.text)).collect()
}

/// A column that is dropped and added stands at the end. So it did not before, where one that stays stood after it.
fn moves(name: &Plain, all: &[Clause], shown: &Table) -> bool {
    let has_place = |tokens: &[Token]| tokens.iter().any(|token| token.is_any(&["FIRST", "AFTER"]));
    let may_move = all.iter().any(|clause| match clause {
        Clause::Adds(Part::Column, _, tokens) | Clause::Changes(_, _, tokens) => has_place(tokens),
        Clause::Adds(..) | Clause::Drops(..) | Clause::MayDrop(..) | Clause::MayAdd(_) | Clause::Neither => false,
    });
    let mut after = shown.columns.iter().skip_while(|column| !same(&column.name, name)).skip(1);
    let is_touched = |column: &String| Plain::of(column).is_none_or(|column| is_touched(all, &column));
    !may_move && after.any(|column| !is_touched(&column.name))
}

fn is_touched(all: &[Clause], name: &Plain) -> bool {
    brings_column(all, name) || takes_column(all, name)
}

/// They are of other kinds of types, or the new one is NOT NULL and the old one was not.
fn is_other_column(old: &str, new: &[Token]) -> bool {
    let word = |token: Option<&Token>| token.and_then(|token| family(token.text));
    let old_tokens = tokens(old, Modes::default());
    let is_other_type = word(old_tokens.first()).zip(word(new.first())).is_some_and(|(old, new)| old != new);
    let nulls = new.iter().filter(|token| token.is_word("NULL")).count();
    let is_not_null = new.windows(2).any(|two| two[0].is_word("NOT") && two[1].is_word("NULL")) && nulls == 1;
    is_other_type || is_not_null && outer_not_null(new) && !old.contains("NOT NULL")
}

/// Not in an expression.
fn outer_not_null(definition: &[Token]) -> bool {
    let not = definition.iter().position(|token| token.is_word("NOT")).unwrap_or(definition.len());
    let depth = |mark: &str| definition[..not].iter().filter(|token| token.is(mark)).count();
    depth("(") == depth(")")
}

/// Types of one family may be one type, by a synonym, a setting of the server, or since the length asks for another one. Those
/// of two families never are. None for a type that is not known here.
fn family(word: &str) -> Option<&'static str> {
    Some(match word.to_ascii_lowercase().as_str() {
        "tinyint" | "smallint" | "mediumint" | "int" | "integer" | "bigint" => "integer",
        "decimal" | "numeric" | "dec" | "fixed" => "decimal",
        "float" | "double" | "real" => "float",
        "date" | "datetime" | "timestamp" | "time" | "year" => "time",
        "char" | "varchar" | "tinytext" | "text" | "mediumtext" | "longtext" => "text",
        "enum" => "enum",
        "set" => "set",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use crate::script::lexer::Modes;

    const SHOWN: &str = "CREATE TABLE `t` (\n  `id` int NOT NULL,\n  `a` varchar(20) DEFAULT NULL,\n  `n` int DEFAULT NULL,\n  `z` text,\n  \
        PRIMARY KEY (`id`),\n  UNIQUE KEY `u` (`a`),\n  KEY `i` (`n`,`a`(10)),\n  KEY `f` ((`n` + 1)),\n  \
        CONSTRAINT `fk` FOREIGN KEY (`n`) REFERENCES `p` (`id`)\n) ENGINE=InnoDB";

    #[test]
    fn what_is_another_one_than_was_dropped() {
        let here =
            |clauses: &str| super::here(&format!("ALTER TABLE IF EXISTS s.t {clauses}"), Modes::default(), SHOWN);
        for clauses in [
            "DROP INDEX i, ADD INDEX i (n)",
            "DROP INDEX I, ADD INDEX I (a, n)",
            "DROP INDEX u, ADD INDEX u (a)",
            "DROP INDEX i, ADD UNIQUE INDEX i (n, a)",
            "DROP PRIMARY KEY, ADD PRIMARY KEY (id, n)",
            "DROP PRIMARY KEY, ADD CONSTRAINT x UNIQUE (id)",
            "DROP FOREIGN KEY fk, ADD CONSTRAINT fk2 FOREIGN KEY (n) REFERENCES p (id)",
            // At the end, where it was not before.
            "DROP COLUMN a, ADD COLUMN a VARCHAR(20)",
            "DROP COLUMN a, DROP COLUMN n, ADD n INT, ADD a VARCHAR(20)",
            // Of another type.
            "DROP COLUMN z, ADD COLUMN z INT",
            "DROP COLUMN a, ADD COLUMN a ENUM('x') AFTER id",
            "DROP PRIMARY KEY, MODIFY id VARCHAR(36) NOT NULL, ADD PRIMARY KEY (id)",
            "DROP INDEX u, MODIFY a VARCHAR(20) NOT NULL, ADD UNIQUE u (a)",
        ] {
            assert!(here(clauses), "{clauses}");
        }
        for clauses in [
            "DROP INDEX i, ADD INDEX i (n, a(10))",
            "DROP INDEX i, ADD INDEX i (N, A(9) DESC)",
            "DROP INDEX f, ADD INDEX f ((n + 2))",
            "DROP INDEX u, ADD UNIQUE KEY u (a)",
            "DROP PRIMARY KEY, ADD PRIMARY KEY USING BTREE (id)",
            "DROP FOREIGN KEY fk, ADD CONSTRAINT fk FOREIGN KEY (n) REFERENCES p (id)",
            "DROP FOREIGN KEY none, ADD COLUMN IF NOT EXISTS y INT",
            "DROP COLUMN z, ADD COLUMN z TEXT",
            "DROP COLUMN z, ADD COLUMN z LONGTEXT",
            "DROP COLUMN z, ADD COLUMN z JSON",
            "DROP COLUMN n, DROP COLUMN z, ADD n INT, ADD z TEXT",
            "DROP COLUMN a, ADD COLUMN a VARCHAR(20) AFTER id",
            "DROP COLUMN a, ADD COLUMN a VARCHAR(20), MODIFY n INT FIRST",
            "DROP INDEX u, MODIFY a VARCHAR(30), ADD UNIQUE u (a)",
            "DROP INDEX u, MODIFY a VARCHAR(20) CHECK (a IS NOT NULL), ADD UNIQUE u (a)",
            "DROP PRIMARY KEY, MODIFY id BIGINT NOT NULL, ADD PRIMARY KEY (id)",
        ] {
            assert!(!here(clauses), "{clauses}");
        }
    }
}
