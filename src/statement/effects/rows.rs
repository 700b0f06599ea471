//! Statements about rows: which tables they delete from, write over, or add to.

use crate::statement::Statement;
use crate::statement::cursor::Token;
use crate::statement::effects::reads::{called, read_by};
use crate::statement::effects::{Effects, Removal};
use crate::statement::names::Name;
use crate::statement::tree::{self, Dml, DmlVerb, Load};

impl Effects {
    pub(super) fn rows(&mut self, tree: &Statement, dml: &Dml) {
        let tokens: Vec<Token> = tree.all().collect();
        // { OJ a LEFT JOIN b ON … }
        if tokens.iter().any(|token| token.is("{")) {
            self.unknown("a join in braces is not understood".to_owned());
        }
        match dml.verb {
            DmlVerb::Insert | DmlVerb::Replace => self.insert(dml, &tokens),
            DmlVerb::Update => self.each_table(dml, Removal::Values),
            DmlVerb::Delete => self.each_table(dml, Removal::SomeRows),
            DmlVerb::Select | DmlVerb::Values | DmlVerb::Table | DmlVerb::Do => {}
            DmlVerb::Other => self.not_understood(tree),
        }
        self.calls(&tokens, dml.into);
        self.reads = read_by(&tokens);
    }

    fn insert(&mut self, dml: &Dml, tokens: &[Token]) {
        let Some(name) = dml.into.map(|into| into.plain()) else {
            return self.unknown("the table of an INSERT or REPLACE is not understood".to_owned());
        };
        let writes_over = tokens.windows(2).any(|two| two[0].is_word("ON") && two[1].is_word("DUPLICATE"));
        self.removes.push(if dml.verb == DmlVerb::Replace {
            // It deletes the row that is in its place, and what depends on that by foreign keys.
            Removal::SomeRows(name)
        } else if writes_over {
            Removal::Values(name)
        } else {
            Removal::AddsRows(name)
        });
    }

    /// Those that it writes to; where that is not plain, each that it names may be one.
    fn each_table(&mut self, dml: &Dml, removal: fn(Name) -> Removal) {
        let named = || dml.tables.iter().map(|one| one.table).collect();
        let tables: Vec<tree::Name> = dml.targets.clone().unwrap_or_else(named);
        if tables.is_empty() {
            self.unknown("the table of a statement about rows is not understood".to_owned());
        }
        self.removes.extend(tables.iter().map(|table| removal(table.plain())));
    }

    pub(super) fn load(&mut self, load: &Load) {
        let Some(name) = load.table.map(|table| table.plain()) else {
            return self.unknown("the table of LOAD is not understood".to_owned());
        };
        self.removes.push(if load.replaces { Removal::SomeRows(name) } else { Removal::AddsRows(name) });
    }

    pub(super) fn calls(&mut self, tokens: &[Token], into: Option<tree::Name>) {
        for called in called(tokens, into).into_iter().map(Removal::Calls) {
            if !self.removes.contains(&called) {
                self.removes.push(called);
            }
        }
    }
}
