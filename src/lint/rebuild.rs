//! A table that is rebuilt by hand: another one is made, the rows are copied, and the old one is dropped. No row is lost.

use crate::lint::known_tables::View;
use crate::lint::read::{Change, What, key};
use crate::lint::script::{Script, written};
use crate::lint::statement::Statement;
use crate::statement::cursor::Cursor;
use crate::statement::tree::{DmlVerb, Form};

/// Whether the rows of the table that a change drops are all in another one by then, which has its name, or gets it.
pub(crate) fn is_copied(drop: &Change, script: &Script, view: &View) -> bool {
    let table = key(&drop.object);
    let before = script.statements.iter().take_while(|statement| statement.at < drop.at);
    let copies = before.clone().filter_map(|statement| Some((statement.at, copy(statement, &table)?)));
    let is_emptied = |(at, target): &(usize, String)| before.clone().any(|one| one.at > *at && takes_rows(one, target));
    copies
        .filter(|copy| takes_its_place(script, &table, &copy.1) && !is_emptied(copy))
        .any(|(_, target)| has_all_columns(view, &table, &target))
}

/// DELETE, TRUNCATE and DROP.
fn takes_rows(statement: &Statement, table: &str) -> bool {
    let deletes = matches!(&statement.tree.form, Form::Dml(dml) if dml.verb == DmlVerb::Delete);
    let takes =
        |change: &Change| matches!(change.what, What::Truncate | What::DropTable) && key(&change.object) == table;
    deletes && written(&statement.tree).is_none_or(|(name, _)| key(&name) == table)
        || statement.changes.iter().any(takes)
}

/// The table into which a statement copies all rows of another one.
fn copy(statement: &Statement, from: &str) -> Option<String> {
    const SOME: [&str; 9] = ["WHERE", "LIMIT", "JOIN", "HAVING", "GROUP", "DISTINCT", "UNION", "EXCEPT", "IGNORE"];
    let into = if let Form::Dml(dml) = &statement.tree.form { dml.into } else { None };
    let created = || statement.changes.iter().find(|change| matches!(change.what, What::CreateTable(_)));
    let target = into.map(|into| into.name.plain()).or_else(|| created().map(|change| change.object.clone()))?;
    let source = statement.tree.tokens.iter().rposition(|token| token.is_word("FROM"))?;
    let mut cursor = Cursor::new(&statement.tree.tokens);
    cursor.seek(source + 1);
    // Behind a comma stands another table, which may be empty.
    let is_source = cursor.name().is_some_and(|table| key(&table.name.plain()) == from)
        && !cursor.rest().iter().take_while(|token| !token.is_word("ORDER")).any(|token| token.is(","));
    let is_query = statement.tree.tokens.iter().any(|token| token.is_word("SELECT"));
    let is_whole = !statement.tree.tokens.iter().any(|token| SOME.iter().any(|word| token.is_word(word)));
    (is_source && is_query && is_whole).then(|| key(&target))
}

/// The old one had the target's name before, or the target gets that of the old one.
fn takes_its_place(script: &Script, old: &str, target: &str) -> bool {
    script.changes().any(|change| match &change.what {
        What::RenameTable(new) => key(&change.object) == target && key(new) == old,
        _ => false,
    })
}

/// As far as is known.
fn has_all_columns(view: &View, old: &str, target: &str) -> bool {
    match (view.whole(old), view.whole(target)) {
        (Some(old), Some(target)) => old.columns.iter().all(|column| target.column(&column.name).is_some()),
        _ => true,
    }
}
