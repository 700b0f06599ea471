//! What gives the same value when it is run again in another session: the values of SET statements, and queries that change
//! nothing.

use crate::script::lexer::{Code, Kind, Modes};
use crate::statement::builtin_functions;
use crate::statement::session_effects::{Token, asks_last_id, asks_last_value, first, takes_a_value};

/// Functions and words whose values hang on nothing but what they are given, and on the default database.
const REPEATABLE: &[&str] = &[
    "ABS",
    "AND",
    "AS",
    "BETWEEN",
    "BINARY",
    "CASE",
    "CAST",
    "CEIL",
    "CEILING",
    "CHAR",
    "CHAR_LENGTH",
    "COALESCE",
    "COLLATE",
    "CONCAT",
    "CONCAT_WS",
    "CONVERT",
    "DATABASE",
    "DATE",
    "DATETIME",
    "DECIMAL",
    "DEFAULT",
    "DIV",
    "ELSE",
    "ELT",
    "END",
    "ESCAPE",
    "FALSE",
    "FIELD",
    "FIND_IN_SET",
    "FLOOR",
    "GREATEST",
    "HEX",
    "IF",
    "IFNULL",
    "IN",
    "INSTR",
    "IS",
    "LCASE",
    "LEAST",
    "LEFT",
    "LENGTH",
    "LIKE",
    "LOCATE",
    "LOWER",
    "LPAD",
    "LTRIM",
    "MD5",
    "MOD",
    "NOT",
    "NULL",
    "NULLIF",
    "OFF",
    "ON",
    "OR",
    "QUOTE",
    "REGEXP",
    "REPEAT",
    "REPLACE",
    "REVERSE",
    "RIGHT",
    "RLIKE",
    "ROUND",
    "RPAD",
    "RTRIM",
    "SCHEMA",
    "SHA1",
    "SHA2",
    "SIGNED",
    "SUBSTR",
    "SUBSTRING",
    "SUBSTRING_INDEX",
    "THEN",
    "TRIM",
    "TRUE",
    "UCASE",
    "UNHEX",
    "UNSIGNED",
    "UPPER",
    "USING",
    "UTF8MB4",
    "VERSION",
    "WHEN",
    "XOR",
];

/// Functions over rows: with these, a query changes nothing, and asks nothing of its session.
const OVER_ROWS: &[&str] = &["AVG", "COUNT", "EXISTS", "GROUP_CONCAT", "MAX", "MIN", "SUM"];

/// System variables that tell of the statement before, or are another session's.
const PASSING: &[&str] = &[
    "ERROR_COUNT",
    "IDENTITY",
    "INSERT_ID",
    "IN_TRANSACTION",
    "LAST_GTID",
    "LAST_INSERT_ID",
    "PSEUDO_THREAD_ID",
    "RAND_SEED1",
    "RAND_SEED2",
    "TIMESTAMP",
    "WARNING_COUNT",
];

/// What the value of a SET is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Value {
    /// The same statement in another session gives the same value, if its user variables have theirs.
    pub is_repeatable: bool,
    /// It reads a global variable.
    pub reads_globals: bool,
    /// It reads the name of the default database.
    pub reads_database: bool,
}

/// Looks at the value of an assignment. A setting's may be a bare word, `SET character_set_client = utf8mb4`.
pub fn value(tokens: &[Token], is_setting: bool) -> Value {
    if let [(Kind::Word, _)] = tokens
        && is_setting
    {
        return Value { is_repeatable: true, ..Value::default() };
    }
    let mut found = Value { is_repeatable: true, ..Value::default() };
    let mut rest = tokens;
    while let [token, behind @ ..] = rest {
        rest = behind;
        match token {
            (_, "@") if behind.first().is_some_and(|next| next.1 == "@") => {
                let (scope, name, after) = match behind {
                    [_, (_, scope), (_, "."), (_, name), after @ ..] => (*scope, *name, after),
                    [_, (_, name), after @ ..] => ("", *name, after),
                    _ => return Value::default(),
                };
                found.reads_globals |= scope.eq_ignore_ascii_case("GLOBAL");
                found.is_repeatable &= !PASSING.contains(&name.to_ascii_uppercase().as_str());
                rest = after;
            }
            (_, "@") => rest = behind.get(1..).unwrap_or_default(),
            (Kind::Word, word) => {
                let word = word.to_ascii_uppercase();
                found.reads_database |= matches!(word.as_str(), "DATABASE" | "SCHEMA");
                found.is_repeatable &= word.starts_with('_') || REPEATABLE.binary_search(&word.as_str()).is_ok();
            }
            (Kind::Quoted, _) => found.is_repeatable = false,
            _ => {}
        }
    }
    found
}

/// Whether it calls a function that may write: one that is not known.
pub fn may_write(sql: &str, modes: Modes) -> bool {
    let tokens: Vec<Token> = Code::new(sql, modes).collect();
    calls_others(&tokens, |word| is_known(word) || builtin_functions::is_native(word))
}

/// A function is called that is not known.
fn calls_others(tokens: &[Token], is_known: impl Fn(&str) -> bool) -> bool {
    tokens.windows(2).any(|two| {
        let is_name = matches!(two[0].0, Kind::Word | Kind::Quoted);
        two[1].1 == "(" && is_name && !is_known(two[0].1) && !may_precede(two[0].1)
    })
}

fn is_known(word: &str) -> bool {
    let word = word.to_ascii_uppercase();
    REPEATABLE.binary_search(&word.as_str()).is_ok() || OVER_ROWS.contains(&word.as_str())
}

/// A keyword may stand before a parenthesis as well.
fn may_precede(word: &str) -> bool {
    ["DO", "SELECT", "FROM", "WHERE", "BY", "UNION", "ALL", "JOIN", "HAVING", "OVER", "VALUES", "INTO", "DISTINCT"]
        .iter()
        .any(|one| word.eq_ignore_ascii_case(one))
}

/// A query that changes nothing, not in its session either, but for the variables behind INTO.
pub fn only_asks(sql: &str, modes: Modes) -> bool {
    let first = first(sql, modes);
    let is_query = first.eq_ignore_ascii_case("SELECT") || first == "(";
    let is_file = |text: &str| ["OUTFILE", "DUMPFILE"].iter().any(|word| text.eq_ignore_ascii_case(word));
    is_query && !asks_last_id(sql, modes) && {
        let tokens: Vec<Token> = Code::new(sql, modes).collect();
        let is_of_a_sequence = takes_a_value(sql, modes) || asks_last_value(sql, modes);
        let assigns = tokens.windows(2).any(|two| two[0].1 == ":" && two[1].1 == "=");
        !calls_others(&tokens, is_known)
            && !is_of_a_sequence
            && !assigns
            && !tokens.iter().any(|token| is_file(token.1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted() {
        assert!(REPEATABLE.is_sorted());
    }

    #[test]
    fn what_may_write() {
        for (sql, expected) in [
            ("SET @a = LAST_INSERT_ID()", false),
            ("SET @a = (SELECT MAX(id) FROM t), @b = JSON_LENGTH(@c)", false),
            ("SET @a = IF(@b IN (1, 2), NOW(), UTC_TIMESTAMP(6))", false),
            ("SET @a = next_invoice()", true),
            ("SET @a = `shop`.`next`(1)", true),
        ] {
            assert_eq!(may_write(sql, Modes::default()), expected, "{sql}");
        }
    }

    #[test]
    fn what_only_asks() {
        for (sql, expected) in [
            ("SELECT COUNT(*) INTO @have FROM information_schema.columns WHERE table_schema = DATABASE()", true),
            ("SELECT f(1) INTO @a", false),
            ("SELECT 1 INTO OUTFILE 'x'", false),
            ("SELECT @a := 1", false),
            ("SELECT LAST_INSERT_ID() INTO @a", false),
            ("SELECT @@identity INTO @a", false),
            ("SELECT NEXT VALUE FOR s INTO @a", false),
            ("SELECT s.currval INTO @a", false),
            ("UPDATE t SET a = 1", false),
        ] {
            assert_eq!(only_asks(sql, Modes::default()), expected, "{sql}");
        }
    }
}
