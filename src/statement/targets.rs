//! Which tables a statement of several tables writes to: `UPDATE a JOIN b ON … SET a.x = b.y` reads `b`. Nothing where that
//! is not plain: then each of them may be written to.

use crate::script::lexer::{Code, Kind as Token, Modes};
use crate::statement::names::{Name, unquote};

/// The tables that an UPDATE or a DELETE of several tables names as those to change.
pub fn targets(sql: &str, modes: Modes) -> Option<Vec<Name>> {
    let statement = Statement { tokens: Code::new(sql, modes).collect() };
    let (named, tables) = match statement.tokens.first()?.1.to_ascii_uppercase().as_str() {
        "UPDATE" => statement.assigned()?,
        "DELETE" => statement.deleted()?,
        _ => return None,
    };
    named.iter().map(|name| statement.table(name, tables.clone())).collect()
}

struct Statement<'s> {
    tokens: Vec<(Token, &'s str)>,
}

/// Names of tables as the statement uses them, and where its tables stand.
type Found = (Vec<String>, std::ops::Range<usize>);

impl Statement<'_> {
    fn is(&self, at: usize, words: &[&str]) -> bool {
        let is = |(kind, text): &(Token, &str)| {
            *kind != Token::Quoted && *kind != Token::String && words.iter().any(|word| text.eq_ignore_ascii_case(word))
        };
        self.tokens.get(at).is_some_and(is)
    }

    fn name(&self, at: usize) -> Option<String> {
        let (kind, text) = self.tokens.get(at)?;
        matches!(kind, Token::Word | Token::Quoted).then(|| unquote(text))
    }

    /// The first of these words from there on that stands in no parentheses.
    fn outer(&self, from: usize, words: &[&str]) -> Option<usize> {
        let mut depth = 0_usize;
        (from..self.tokens.len()).find(|at| {
            match self.tokens[*at].1 {
                "(" => depth += 1,
                ")" => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && self.is(*at, words) && !self.is(at.wrapping_sub(1), &["."])
        })
    }

    /// `SET a.x = …, b.y = …`: what stands before the columns, if each has it.
    fn assigned(&self) -> Option<Found> {
        let set = self.outer(1, &["SET"])?;
        let end = self.outer(set + 1, &["WHERE", "ORDER", "LIMIT"]).unwrap_or(self.tokens.len());
        let (mut names, mut at) = (Vec::new(), set);
        loop {
            let (column, is_assigned) = (at + 1, self.is(at + 2, &["."]) && self.is(at + 4, &["="]));
            names.push(self.name(column).filter(|_| is_assigned)?);
            match self.outer(at + 5, &[","]).filter(|comma| *comma < end) {
                Some(comma) => at = comma,
                None => return Some((names, 1..set)),
            }
        }
    }

    /// `DELETE a, b.* FROM …` and `DELETE FROM a, b USING …`.
    fn deleted(&self) -> Option<Found> {
        let from = self.outer(1, &["FROM"])?;
        let end = self.outer(from, &["WHERE", "ORDER", "LIMIT", "RETURNING"]).unwrap_or(self.tokens.len());
        let using = self.outer(from, &["USING"]).filter(|using| *using < end && !self.is(using + 1, &["("]));
        let (listed, tables) = match using {
            Some(using) => (from + 1..using, using + 1..end),
            None => (1..from, from + 1..end),
        };
        let is_word = |at: &usize| !self.is(*at, &["LOW_PRIORITY", "QUICK", "IGNORE", ",", ".", "*"]);
        let is_plain = |at: usize| self.name(at).filter(|_| !self.is(at + 1, &["."]) || self.is(at + 2, &["*"]));
        let names: Option<Vec<String>> = listed.filter(is_word).map(is_plain).collect();
        names.filter(|names| !names.is_empty()).map(|names| (names, tables))
    }

    /// The table that is called so there, by its name or its alias. Nothing where it is not one table.
    fn table(&self, called: &str, tables: std::ops::Range<usize>) -> Option<Name> {
        const BEFORE_TABLES: [&str; 8] =
            ["UPDATE", "LOW_PRIORITY", "IGNORE", ",", "(", "JOIN", "STRAIGHT_JOIN", "FROM"];
        let is_it = |at: &usize| {
            let is_named = self.name(*at).is_some_and(|name| name.eq_ignore_ascii_case(called));
            is_named && !self.is(at + 1, &["."])
        };
        let begins = |at: usize| self.is(at - 1, &BEFORE_TABLES) || self.is(at - 1, &["USING"]);
        let table_at = |at: usize| -> Option<Name> {
            let has_schema = self.is(at - 1, &["."]);
            let schema = if has_schema { self.name(at - 2) } else { None };
            let start = if has_schema { at.checked_sub(2)? } else { at };
            begins(start).then(|| self.name(at)).flatten().map(|name| Name { schema, name })
        };
        let mut found = tables.filter(is_it).map(|at| {
            let alias_of = if self.is(at - 1, &["AS"]) { at.checked_sub(2) } else { at.checked_sub(1) };
            table_at(at).or_else(|| table_at(alias_of?))
        });
        // In a condition it would have a column behind it, or be one.
        let mut known = found.by_ref().flatten();
        let first = known.next()?;
        known.next().is_none().then_some(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_named_for_it_is_written() {
        for (sql, expected) in [
            ("UPDATE t JOIN plain p ON t.n = p.n SET t.n = p.n + 1", Some("t")),
            ("UPDATE t AS a, plain AS b SET a.n = b.n, a.m = (SELECT MAX(x), 2 FROM q) WHERE a.i = b.i", Some("t t")),
            ("UPDATE d.t x JOIN plain ON x.n = plain.n SET x.n = 1", Some("d.t")),
            ("UPDATE t JOIN plain ON t.n = plain.n SET plain.n = 3", Some("plain")),
            ("UPDATE t JOIN plain ON t.n = plain.n SET m = 3", None),
            ("UPDATE t JOIN plain ON t.n = plain.n SET t.n = 3, m = 2", None),
            ("UPDATE t JOIN (SELECT 1 AS n FROM plain) x ON t.n = x.n SET x.n = 3", None),
            ("UPDATE d.t, plain SET d.t.n = plain.n", None),
            ("DELETE t FROM t JOIN plain ON t.n = plain.n WHERE t.i = 1", Some("t")),
            ("DELETE QUICK a, b.* FROM t AS a JOIN u b JOIN plain", Some("t u")),
            ("DELETE FROM a USING t AS a JOIN plain USING (n)", Some("t")),
            ("DELETE plain FROM t JOIN plain", Some("plain")),
            ("DELETE FROM t WHERE n = 1", None),
            ("INSERT INTO t SELECT 1", None),
        ] {
            let name =
                |name: &Name| name.schema.iter().map(|schema| format!("{schema}.")).collect::<String>() + &name.name;
            let found = targets(sql, Modes::default());
            let found = found.map(|names| names.iter().map(name).collect::<Vec<_>>().join(" "));
            assert_eq!(found.as_deref(), expected, "{sql}");
        }
    }
}
