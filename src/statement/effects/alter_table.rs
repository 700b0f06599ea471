//! ALTER TABLE, clause by clause.

use crate::statement::Statement;
use crate::statement::effects::{ColumnChange, Effects, Removal};
use crate::statement::names::Name;
use crate::statement::tree::{
    AlterTable, Change, Clause, ColumnDefinition, Guard, OptionKind, Partitions, TableOption, Which,
};

impl Effects {
    pub(super) fn alter_table(&mut self, tree: &Statement, alter: &AlterTable) {
        let table = alter.table.plain();
        // MariaDB: an index that is added to a table with IGNORE removes the rows that it does not take.
        if alter.is_ignoring {
            self.removes.push(Removal::SomeRows(table.clone()));
        }
        self.links = super::takes_along(&tree.tokens[alter.list.clone()]);
        for clause in &alter.clauses {
            self.clause(tree, &table, clause);
        }
    }

    fn clause(&mut self, tree: &Statement, table: &Name, clause: &Clause) {
        let name = || table.clone();
        match &clause.change {
            // With IF NOT EXISTS it may be there already, with its values.
            Change::AddColumn(Guard::None, column) => {
                self.columns.push((name(), ColumnChange::Adds(column.name.plain())));
            }
            Change::DropColumn(_, column) => self.removes.push(Removal::Column(name(), column.plain())),
            Change::ChangeColumn(_, old, column) => {
                let (old, new) = (old.plain(), column.name.plain());
                self.retype(tree, table, &old, column);
                if !old.eq_ignore_ascii_case(&new) {
                    self.columns.push((name(), ColumnChange::Renames(old, new)));
                }
            }
            Change::ModifyColumn(_, column) => self.retype(tree, table, &column.name.plain(), column),
            Change::RenameColumn(_, old, new) => {
                self.columns.push((name(), ColumnChange::Renames(old.plain(), new.plain())));
            }
            Change::RenameTable(new) => self.renames.push((name(), new.plain())),
            Change::DropVersioning => {
                self.unknown(format!("the history of the rows of `{}` goes, and is not counted", table.name));
            }
            Change::Partitions(partitions) => self.partitions(table, partitions),
            Change::DiscardTablespace | Change::ImportTablespace => self.removes.push(Removal::AllRows(name())),
            Change::ConvertCharset => self.removes.push(Removal::Converts(name(), String::new())),
            Change::Option(option) => self.option(tree, table, option),
            Change::AddColumn(..) | Change::AddKey(_) | Change::DropKey(..) | Change::AlterColumn(..) => {}
            Change::AlterKey(..) | Change::RenameKey(..) | Change::AddPeriod | Change::DropPeriod => {}
            Change::AddVersioning | Change::OrderBy | Change::Force | Change::Keys | Change::Validation => {}
            Change::Secondary | Change::Algorithm(_) | Change::Lock(_) => {}
            // Nothing after a comma.
            Change::Other if clause.tokens.is_empty() => {}
            Change::Other => self.unknown_clause(tree.tokens[clause.tokens.start].text),
        }
    }

    fn unknown_clause(&mut self, word: &str) {
        self.unknown(format!("the clause `{word}` of ALTER TABLE is not understood"));
    }

    fn partitions(&mut self, table: &Name, partitions: &Partitions) {
        match partitions {
            Partitions::Drop(_, names) | Partitions::Truncate(Which::Named(names)) => {
                self.removes.extend(names.iter().map(|name| Removal::Partition(table.clone(), name.plain())));
            }
            Partitions::Truncate(Which::All) | Partitions::DiscardTablespace(_) | Partitions::ImportTablespace(_) => {
                self.removes.push(Removal::AllRows(table.clone()));
            }
            Partitions::Exchange(..) => {
                self.unknown(format!("EXCHANGE PARTITION changes the rows of `{}` for others", table.name));
            }
            Partitions::ToTable(..) | Partitions::FromTable(_) => {
                self.unknown(format!("CONVERT moves rows between `{}` and another table", table.name));
            }
            Partitions::Repair => self.unknown("REPAIR may remove rows that it cannot read".to_owned()),
            // The same name may mean other rows after it.
            Partitions::AddNumber | Partitions::Reorganize | Partitions::Coalesce | Partitions::By => {
                self.repartitions.push(table.clone());
            }
            Partitions::Add | Partitions::Maintain | Partitions::Remove => {}
        }
    }

    fn option(&mut self, tree: &Statement, table: &Name, option: &TableOption) {
        match option.kind {
            OptionKind::Engine => {
                let engine = tree.tokens[option.value.clone()].first().map_or("", |token| token.literal());
                if !ENGINES.iter().any(|known| engine.eq_ignore_ascii_case(known)) {
                    self.removes.push(Removal::AllRows(table.clone()));
                }
            }
            OptionKind::Union => self.unknown(format!("UNION changes which rows `{}` shows", table.name)),
            OptionKind::Versioning | OptionKind::Known => {}
            OptionKind::Other => self.unknown_clause(option.name.text),
        }
    }

    /// What becomes a computed column loses its values.
    fn retype(&mut self, tree: &Statement, table: &Name, column: &str, new: &ColumnDefinition) {
        let definition = &tree.tokens[new.definition.clone()];
        let is_computed = definition.windows(2).any(|two| two[0].is_word("AS") && two[1].is("("));
        let removal = if is_computed { Removal::Column } else { Removal::Converts };
        self.removes.push(removal(table.clone(), column.to_owned()));
    }
}

/// The engines that keep the rows of a table which is changed to them. BLACKHOLE keeps none, MERGE shows those of others.
const ENGINES: [&str; 12] = [
    "InnoDB",
    "MyISAM",
    "Aria",
    "MEMORY",
    "HEAP",
    "CSV",
    "ARCHIVE",
    "RocksDB",
    "TokuDB",
    "NDB",
    "NDBCLUSTER",
    "ColumnStore",
];
