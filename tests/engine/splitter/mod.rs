//! Properties of the splitter: nothing is lost, nothing panics, and statements that are put together come apart again.

mod client;

use proptest::prelude::*;
use uturn::script::lexer::Modes;
use uturn::script::split::split;

fn joined(text: &str, modes: Modes) -> Option<String> {
    let script = split(text, modes).ok()?;
    Some(script.pieces().iter().map(|piece| &text[piece.span.clone()]).collect())
}

/// Whole statements, with what makes splitting hard inside them.
fn statement() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "SELECT 1",
        "SELECT ';', \"a;b\", `c;d`",
        "SELECT 'it''s; \\'; ' /* ; */ FROM t -- ; end\n WHERE a = 1",
        "INSERT INTO t VALUES (1, 'x;'), (2, '\\\\')",
        "SELECT 1 # ;\n+ 1",
        "SELECT 5--1",
        "CREATE PROCEDURE p() BEGIN SELECT 1; IF a THEN SELECT 2; END IF; END",
        "CREATE TRIGGER t BEFORE INSERT ON x FOR EACH ROW BEGIN SET NEW.a = 1; SET NEW.b = CASE WHEN 1 THEN 2 END; END",
        "/*!40101 SET NAMES utf8mb4 */",
        "UPDATE t SET `begin` = 'end;'",
    ])
    .prop_map(str::to_owned)
}

fn filler() -> impl Strategy<Value = String> {
    prop::sample::select(vec![
        "",
        "\n",
        "  ",
        "\r\n",
        "-- a ; comment\n",
        "/* ; */",
        "# ;\n",
        ";",
        "\n\n-- x\n/* y */\n",
    ])
    .prop_map(str::to_owned)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_is_lost_of_any_text(text in any::<String>(), ansi_quotes: bool, no_backslash_escapes: bool) {
        if let Some(joined) = joined(&text, Modes { ansi_quotes, no_backslash_escapes }) {
            prop_assert_eq!(joined, text);
        }
    }

    #[test]
    fn nothing_is_lost_of_what_looks_like_sql(text in "[a-zA-Z ;'\"`\\\\/*!#\n\r\t().=@-]{0,80}") {
        if let Some(joined) = joined(&text, Modes::default()) {
            prop_assert_eq!(joined, text);
        }
    }

    #[test]
    fn what_is_put_together_comes_apart(parts in prop::collection::vec((filler(), statement()), 0..12), last: bool) {
        let mut text = String::new();
        for (index, (filler, statement)) in parts.iter().enumerate() {
            text.push_str(filler);
            text.push_str(statement);
            if index + 1 < parts.len() || last {
                text.push(';');
            }
            text.push('\n');
        }
        let script = split(&text, Modes::default()).map_err(|error| TestCaseError::fail(format!("{text}: {error:?}")))?;
        let found: Vec<&str> = script.statements().iter().map(|statement| script.text(statement)).collect();
        let wanted: Vec<&str> = parts.iter().map(|(_, statement)| statement.as_str()).collect();
        prop_assert_eq!(found, wanted);
    }

    #[test]
    fn a_delimiter_of_any_kind_ends_statements(delimiter in "[/$|;&~]{1,4}", statements in prop::collection::vec(statement(), 1..6)) {
        prop_assume!(!statements.iter().any(|statement| statement.contains(&delimiter)));
        let body: String = statements.iter().map(|statement| format!("{statement}\n{delimiter}\n")).collect();
        let text = format!("DELIMITER {delimiter}\n{body}DELIMITER ;\nSELECT 9;\n");
        let script = split(&text, Modes::default()).map_err(|error| TestCaseError::fail(format!("{text}: {error:?}")))?;
        prop_assert_eq!(script.statements().len(), statements.len() + 1, "{}", text);
    }
}
