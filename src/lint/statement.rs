//! A statement as the findings need it.

use crate::lint::read::{Change, key};
use crate::statement;
use crate::statement::class::Kind;
use crate::statement::names::unquote;
use crate::statement::tree::Form;

/// A statement.
pub(crate) struct Statement<'a> {
    pub(crate) kind: Kind,
    pub(crate) at: usize,
    pub(crate) tree: statement::Statement<'a>,
    pub(crate) changes: Vec<Change>,
    /// It does nothing that lasts.
    pub(crate) is_idle: bool,
    /// The database that it names, or that USE has chosen before it.
    pub(crate) database: Option<String>,
}

const SYSTEM: &[&str] = &["information_schema", "performance_schema", "mysql", "sys"];

/// USE, or a table's name after that of its database.
pub(crate) fn other_database(statement: &Statement) -> Option<(usize, String)> {
    let tokens = &statement.tree.tokens;
    if let Form::Use(name) = statement.tree.form {
        return name.map(|name| (statement.at + name.at, name.plain()));
    }
    let table_follows = |at: usize| {
        let token = &tokens[at];
        ["TABLE", "REFERENCES"].iter().any(|word| token.is_word(word))
            || token.is_word("INTO")
                && at > 0
                && (tokens[at - 1].is_word("INSERT") || tokens[at - 1].is_word("REPLACE"))
            || token.is_word("UPDATE") && at == 0
            || token.is_word("FROM") && at == 1 && tokens[0].is_word("DELETE")
    };
    let qualified = |at: usize| {
        let [schema, dot, name] = tokens.get(at + 1..at + 4)? else { return None };
        let is_one =
            schema.is_name() && dot.is(".") && name.is_name() && !SYSTEM.contains(&key(&unquote(schema.text)).as_str());
        is_one.then(|| (statement.at + schema.at, unquote(schema.text)))
    };
    let by_word = (0..tokens.len()).filter(|at| table_follows(*at)).find_map(qualified);
    by_word.or_else(|| match &statement.kind {
        Kind::Ddl(ddl) => {
            let schema = ddl.targets.iter().find_map(|target| target.schema.clone())?;
            let token = tokens.iter().find(|token| token.is_name() && unquote(token.text) == schema)?;
            Some((statement.at + token.at, schema))
        }
        _ => None,
    })
}
