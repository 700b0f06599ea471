//! A script as the findings need it: its statements, what they change, and what it mentions at all.

use std::collections::HashSet;

use crate::lint::read::{self, Change, Guard, What, key};
use crate::lint::statement::{Statement, other_database};
use crate::migration::name::Direction;
use crate::migration::no_effect;
use crate::script::split;
use crate::statement;
use crate::statement::class::Kind;
use crate::statement::cursor::Token;
use crate::statement::names::unquote;
use crate::statement::tree::{Dml, DmlVerb, Form};

/// So many tokens of a statement that brings rows are read for the names in it: rows can be megabytes long.
const HEAD: usize = 64;

/// A script.
pub(crate) struct Script<'a> {
    pub(crate) direction: Direction,
    pub(crate) statements: Vec<Statement<'a>>,
    /// Every name in it, and every word, as `key` gives them.
    mentions: HashSet<String>,
    /// Tables that it makes, and that it drops.
    pub(crate) makes: HashSet<String>,
    pub(crate) drops: HashSet<String>,
    /// Temporary tables: what happens to them ends with the session.
    temporary: HashSet<String>,
    /// It may do anything: CALL, EXECUTE, statements in a body.
    pub(crate) is_opaque: bool,
}

impl<'a> Script<'a> {
    /// Reads the statements of a script.
    pub(crate) fn read(split: &split::Script<'a>, direction: Direction) -> Script<'a> {
        let mut script = Script {
            direction,
            statements: Vec::with_capacity(split.statements().len()),
            mentions: HashSet::new(),
            makes: HashSet::new(),
            drops: HashSet::new(),
            temporary: HashSet::new(),
            is_opaque: false,
        };
        let mut used = None;
        for one in split.statements() {
            let (sql, at) = (split.text(one), one.span.start);
            let tree = statement::Statement::parse(sql, one.modes);
            let kind = Kind::of(sql, one.modes);
            let mut changes = match &kind {
                Kind::Ddl(_) => read::changes(&tree, at),
                Kind::Call => {
                    script.is_opaque = true;
                    Vec::new()
                }
                _ => Vec::new(),
            };
            script.temporary.extend(temporary_table(&tree));
            changes.retain(|change| !script.temporary.contains(&key(&change.object)));
            script.enter(&tree, &changes);
            let is_idle = no_effect::statement(sql, one.modes);
            let mut statement = Statement { kind, at, tree, changes, is_idle, database: None };
            statement.database = other_database(&statement).map(|(_, name)| name).or_else(|| used.clone());
            if matches!(statement.tree.form, Form::Use(_)) {
                used = statement.database.clone();
            }
            script.statements.push(statement);
        }
        script
    }

    fn enter(&mut self, tree: &statement::Statement, changes: &[Change]) {
        let names = tree.all().take(tree.tokens.len().max(HEAD)).filter(Token::is_name);
        self.mentions.extend(names.map(|token| key(&unquote(token.text))));
        for change in changes {
            match &change.what {
                What::CreateTable(_) => self.makes.insert(key(&change.object)),
                What::RenameTable(new) => self.makes.contains(&key(&change.object)) && self.makes.insert(key(new)),
                What::DropTable => self.drops.insert(key(&change.object)),
                _ => false,
            };
        }
    }

    /// True if the name stands anywhere in it.
    pub(crate) fn mentions(&self, name: &str) -> bool {
        self.mentions.contains(&key(name))
    }

    /// True for a table that was not there before it: nobody's rows are in it.
    pub(crate) fn is_its_own(&self, table: &str) -> bool {
        let table = key(table);
        self.makes.contains(&table) || self.temporary.contains(&table)
    }

    /// A table that it makes here, and drops after this place: a placeholder for a view, or one to work with.
    pub(crate) fn drops_after(&self, table: &str, made_at: usize) -> bool {
        let is_it = |change: &Change| change.at > made_at && change.what == What::DropTable;
        self.drops.contains(&key(table)) && self.changes().any(|one| is_it(one) && key(&one.object) == key(table))
    }

    /// The databases that are made, or dropped, by it. One that may be there already is not.
    pub(crate) fn databases(&self, what: &What) -> HashSet<String> {
        let is_it = |change: &&Change| change.what == *what && change.guard != Guard::IfNotExists;
        self.changes().filter(is_it).map(|change| key(&change.object)).collect()
    }

    pub(crate) fn changes(&self) -> impl Iterator<Item = &Change> {
        self.statements.iter().flat_map(|statement| &statement.changes)
    }
}

/// The name of the temporary table that a statement makes.
fn temporary_table(tree: &statement::Statement) -> Option<String> {
    let Form::CreateTable(new) = &tree.form else { return None };
    new.is_temporary.then(|| key(&new.table.name.plain()))
}

/// The table that an UPDATE, DELETE, INSERT or REPLACE is about: the first that it writes to, or names.
pub(crate) fn written<'t, 'a>(tree: &'t statement::Statement<'a>) -> Option<(String, &'t Dml<'a>)> {
    let Form::Dml(dml) = &tree.form else { return None };
    let table = match dml.verb {
        DmlVerb::Insert | DmlVerb::Replace => dml.into?,
        DmlVerb::Update | DmlVerb::Delete => {
            let first = dml.targets.as_ref().and_then(|targets| targets.first().copied());
            first.or_else(|| dml.tables.first().map(|one| one.table))?
        }
        DmlVerb::Select | DmlVerb::Values | DmlVerb::Table | DmlVerb::Do | DmlVerb::Other => return None,
    };
    Some((table.name.plain(), dml))
}

/// UPDATE and DELETE.
pub(crate) fn updated<'t, 'a>(tree: &'t statement::Statement<'a>) -> Option<(String, &'t Dml<'a>)> {
    written(tree).filter(|(_, dml)| matches!(dml.verb, DmlVerb::Update | DmlVerb::Delete))
}
