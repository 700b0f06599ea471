//! The difference of two snapshots, part by part, each with the SQL that would mend it.

use crate::model::collation::Column;
use crate::model::secrets;
use crate::model::snapshot::{Code, Definition, Kind, Object, Snapshot, Table, quoted};
use std::collections::BTreeMap;

/// One thing that is not as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The object.
    pub object: Object,
    /// What of it.
    pub part: Part,
    /// As it was; nothing if it was not there.
    pub was: Option<String>,
    /// As it is; nothing if it is gone.
    pub is: Option<String>,
    /// What would bring it back: SQL, without a delimiter.
    pub remedy: Option<String>,
}

impl Difference {
    /// As it may be shown: the body of an event may hold a password, and so may the options of a table.
    pub fn without_secrets(&self) -> Difference {
        let cut = |text: &Option<String>| text.as_ref().map(|text| secrets::cut_script(text).into_owned());
        Difference { was: cut(&self.was), is: cut(&self.is), remedy: cut(&self.remedy), ..self.clone() }
    }
}

/// What of an object differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// All of it: it is there or not, or it is not taken apart.
    Whole,
    /// A column's definition.
    Column(String),
    /// A column's place among the others.
    Place(String),
    /// An index.
    Key(String),
    /// A foreign key or a check.
    Constraint(String),
    /// The table's options.
    Options,
    /// How the table is partitioned.
    Partitions,
    /// What it was made under: sql_mode, character sets; and a trigger's turn.
    Setting,
}

impl Part {
    /// The name that a statement about it would mention, beside the object's.
    pub fn name(&self) -> Option<&str> {
        match self {
            Part::Column(name) | Part::Place(name) | Part::Key(name) | Part::Constraint(name) => Some(name),
            Part::Whole | Part::Options | Part::Partitions | Part::Setting => None,
        }
    }
}

/// Everything that is in `now` not as it was in `before`.
pub fn differences(before: &Snapshot, now: &Snapshot) -> Vec<Difference> {
    let mut found = Vec::new();
    let mut objects: Vec<&Object> = before.objects.keys().chain(now.objects.keys()).collect();
    objects.sort();
    objects.dedup();
    for object in objects {
        let whole = |was: Option<String>, is: Option<String>, remedy: String| Difference {
            object: object.clone(),
            part: Part::Whole,
            was,
            is,
            remedy: Some(remedy),
        };
        match (before.objects.get(object), now.objects.get(object)) {
            (Some(Definition::Table(was)), Some(Definition::Table(is))) => {
                found.extend(Tables { object, was, is }.differences());
            }
            (Some(Definition::Code(was)), Some(Definition::Code(is))) => found.extend(codes(object, was, is)),
            (Some(was), None) => found.push(whole(Some(text(object, was)), None, text(object, was))),
            (None, Some(is)) => found.push(whole(None, Some(text(object, is)), drop(object))),
            (Some(was), Some(is)) => {
                let remedy = format!("{};\n{}", drop(object), text(object, was));
                found.push(whole(Some(text(object, was)), Some(text(object, is)), remedy));
            }
            (None, None) => {}
        }
    }
    found
}

fn text(object: &Object, definition: &Definition) -> String {
    match definition {
        Definition::Table(table) => table.statement(&object.name),
        Definition::Code(code) => code.definition.clone(),
    }
}

fn drop(object: &Object) -> String {
    format!("DROP {} {}", object.kind.word(), quoted(&object.name))
}

fn codes(object: &Object, was: &Code, is: &Code) -> Vec<Difference> {
    let times = |code: &Code| code.moments.iter().map(|m| m.at.as_str()).collect::<Vec<_>>().join(", ");
    let same_times =
        was.moments.len() == is.moments.len() && was.moments.iter().zip(&is.moments).all(|(was, is)| was.is_like(is));
    let remedy = match object.kind {
        Kind::View => was.definition.replacen("CREATE ", "CREATE OR REPLACE ", 1),
        Kind::Database => was.definition.clone(),
        _ => format!("{};\n{}", drop(object), was.definition),
    };
    let one = |part, was: &str, is: &str, remedy: &str| Difference {
        object: object.clone(),
        part,
        was: Some(was.to_owned()),
        is: Some(is.to_owned()),
        remedy: Some(remedy.to_owned()),
    };
    let mut found = Vec::new();
    if was.definition != is.definition {
        found.push(one(Part::Whole, &was.definition, &is.definition, &remedy));
    }
    if was.setting != is.setting {
        found.push(one(Part::Setting, &was.setting, &is.setting, &format!("{remedy}\n-- made under {}", was.setting)));
    }
    if !same_times {
        let remedy = format!("{remedy}\n-- with its times: {}", times(was));
        found.push(one(Part::Setting, &times(was), &times(is), &remedy));
    }
    found
}

/// Two states of one table.
struct Tables<'a> {
    object: &'a Object,
    was: &'a Table,
    is: &'a Table,
}

impl Tables<'_> {
    fn differences(&self) -> Vec<Difference> {
        let mut found = self.columns();
        found.extend(self.places());
        found.extend(self.named(&self.was.keys, &self.is.keys, Part::Key, drop_key));
        let (was, is) = self.constraints();
        found.extend(self.named(&was, &is, Part::Constraint, drop_constraint));
        if self.was.options != self.is.options {
            found.push(self.one(
                Part::Options,
                Some(&self.was.options),
                Some(&self.is.options),
                options(&self.was.options, &self.is.options),
            ));
        }
        if self.was.partitions != self.is.partitions {
            let remedy = match self.was.partitions.is_empty() {
                true => "REMOVE PARTITIONING".to_owned(),
                false => self.was.partitions.clone(),
            };
            let there = |text: &'_ str| (!text.is_empty()).then(|| text.to_owned());
            let (was, is) = (there(&self.was.partitions), there(&self.is.partitions));
            found.push(self.one(Part::Partitions, was.as_deref(), is.as_deref(), remedy));
        }
        found
    }

    /// The remedy is what follows ALTER TABLE and the table's name.
    fn one(&self, part: Part, was: Option<&str>, is: Option<&str>, remedy: String) -> Difference {
        let alter = format!("ALTER TABLE {} {remedy}", quoted(&self.object.name));
        Difference {
            object: self.object.clone(),
            part,
            was: was.map(str::to_owned),
            is: is.map(str::to_owned),
            remedy: Some(alter),
        }
    }

    fn columns(&self) -> Vec<Difference> {
        let mut found = Vec::new();
        for was in &self.was.columns {
            let is = self.is.column(&was.name);
            if !is.is_some_and(|is| is.is_like(was)) {
                let verb = if is.is_some() { "MODIFY" } else { "ADD" };
                let name = &was.name;
                let remedy = format!("{verb} COLUMN {} {}{}", quoted(name), was.definition, self.place(name));
                let (was, is) = told(was, is);
                found.push(self.one(Part::Column(name.clone()), Some(&was), is.as_deref(), remedy));
            }
        }
        for is in &self.is.columns {
            let name = &is.name;
            if self.was.column(name).is_none() {
                let remedy = format!("DROP COLUMN {}", quoted(name));
                found.push(self.one(Part::Column(name.clone()), None, Some(&is.definition), remedy));
            }
        }
        found
    }

    fn place(&self, column: &str) -> String {
        match self.was.before(column) {
            Some(before) => format!(" AFTER {}", quoted(before)),
            None => " FIRST".to_owned(),
        }
    }

    /// Columns that stand in another place: as few as tell the whole difference.
    fn places(&self) -> Vec<Difference> {
        let common = |of: &Table, other: &Table| {
            let both = of.columns.iter().filter(|column| other.column(&column.name).is_some());
            both.map(|column| column.name.clone()).collect::<Vec<String>>()
        };
        let (was, is) = (common(self.was, self.is), common(self.is, self.was));
        let stay = longest_common(&was, &is);
        let moved = was.iter().filter(|name| !stay.contains(name));
        let after = |table: &Table, name: &str| match table.before(name) {
            Some(before) => format!("after {}", quoted(before)),
            None => "first".to_owned(),
        };
        let tell = |name: &String| {
            let definition = self.was.column(name).map(|column| column.definition.as_str()).unwrap_or_default();
            let remedy = format!("MODIFY COLUMN {} {definition}{}", quoted(name), self.place(name));
            let (was, is) = (after(self.was, name), after(self.is, name));
            self.one(Part::Place(name.clone()), Some(&was), Some(&is), remedy)
        };
        moved.map(tell).collect()
    }

    /// The constraints without those that differ only in a name that the server itself gave them.
    fn constraints(&self) -> (BTreeMap<String, String>, BTreeMap<String, String>) {
        let (mut was, mut is) = (self.was.constraints.clone(), self.is.constraints.clone());
        let lost: Vec<String> = was.keys().filter(|name| !is.contains_key(*name)).cloned().collect();
        for name in lost.iter().filter(|name| self.is_given(name)) {
            let without = |name: &str, definition: &str| definition.replacen(&quoted(name), "", 1);
            let same = |(other, now): &(&String, &String)| {
                !self.was.constraints.contains_key(*other)
                    && self.is_given(other)
                    && without(other, now) == without(name, &self.was.constraints[name])
            };
            if let Some(other) = is.iter().find(same).map(|(other, _)| other.clone()) {
                was.remove(name);
                is.remove(&other);
            }
        }
        (was, is)
    }

    /// `t_ibfk_1`, `t_chk_1`, `CONSTRAINT_1`.
    fn is_given(&self, name: &str) -> bool {
        let table = &self.object.name;
        let heads = [format!("{table}_ibfk_"), format!("{table}_chk_"), "CONSTRAINT_".to_owned()];
        let is_number = |rest: &str| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit());
        heads.iter().any(|head| name.strip_prefix(head.as_str()).is_some_and(is_number))
    }

    fn named(
        &self,
        was: &BTreeMap<String, String>,
        is: &BTreeMap<String, String>,
        part: impl Fn(String) -> Part,
        drop: impl Fn(&str, &str) -> String,
    ) -> Vec<Difference> {
        let mut found = Vec::new();
        for (name, before) in was {
            match is.get(name) {
                Some(now) if now == before => {}
                Some(now) => {
                    let remedy = format!("{}, ADD {before}", drop(name, now));
                    found.push(self.one(part(name.clone()), Some(before), Some(now), remedy));
                }
                None => found.push(self.one(part(name.clone()), Some(before), None, format!("ADD {before}"))),
            }
        }
        for (name, now) in is.iter().filter(|(name, _)| !was.contains_key(*name)) {
            found.push(self.one(part(name.clone()), None, Some(now), drop(name, now)));
        }
        found
    }
}

/// Two definitions. Where nothing but the tables' character sets makes them differ, both name their own.
fn told(was: &Column, is: Option<&Column>) -> (String, Option<String>) {
    match is {
        Some(is) if is.definition == was.definition => (was.with_charset(), Some(is.with_charset())),
        _ => (was.definition.clone(), is.map(|is| is.definition.clone())),
    }
}

fn drop_key(name: &str, _: &str) -> String {
    if name == "PRIMARY" { "DROP PRIMARY KEY".to_owned() } else { format!("DROP INDEX {}", quoted(name)) }
}

fn drop_constraint(name: &str, definition: &str) -> String {
    let word = if definition.contains(" FOREIGN KEY ") { "FOREIGN KEY" } else { "CONSTRAINT" };
    format!("DROP {word} {}", quoted(name))
}

/// An option that was not there must be set to nothing by name.
fn options(was: &str, is: &str) -> String {
    let added_comment = is.contains(" COMMENT='") && !was.contains(" COMMENT='");
    format!("{was}{}", if added_comment { " COMMENT=''" } else { "" })
}

/// The longest list of names that both lists hold in the same order.
fn longest_common<'a>(a: &'a [String], b: &[String]) -> Vec<&'a String> {
    let mut lengths = vec![vec![0_usize; b.len() + 1]; a.len() + 1];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            lengths[i][j] = match a[i] == b[j] {
                true => lengths[i + 1][j + 1] + 1,
                false => lengths[i + 1][j].max(lengths[i][j + 1]),
            };
        }
    }
    let (mut i, mut j, mut found) = (0, 0, Vec::new());
    while i < a.len() && j < b.len() {
        if a[i] == b[j] {
            found.push(&a[i]);
            (i, j) = (i + 1, j + 1);
        } else if lengths[i + 1][j] >= lengths[i][j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::collation::Defaults;

    fn snapshot(body: &str) -> Snapshot {
        let table = Table::parse(
            &format!("CREATE TABLE `t` (\n  {}\n) ENGINE=InnoDB", body.replace("; ", ",\n  ")),
            &Defaults::default(),
        );
        let object = Object { kind: Kind::Table, name: "t".to_owned() };
        Snapshot { objects: BTreeMap::from([(object, Definition::Table(table))]) }
    }

    fn remedies(was: &str, is: &str) -> Vec<String> {
        let found = differences(&snapshot(was), &snapshot(is));
        found.into_iter().filter_map(|difference| difference.remedy).collect()
    }

    #[test]
    fn each_difference_says_what_would_mend_it() {
        for (was, is, expected) in [
            ("`a` int", "`a` int", vec![]),
            ("`a` int; `b` int", "`a` int", vec!["ALTER TABLE `t` ADD COLUMN `b` int AFTER `a`"]),
            ("`a` int", "`z` int; `a` int", vec!["ALTER TABLE `t` DROP COLUMN `z`"]),
            ("`a` int; `b` int", "`a` bigint; `b` int", vec!["ALTER TABLE `t` MODIFY COLUMN `a` int FIRST"]),
            (
                "`a` int; `b` int; `c` int",
                "`a` int; `c` int; `b` int",
                vec!["ALTER TABLE `t` MODIFY COLUMN `b` int AFTER `a`"],
            ),
            (
                "`a` int; KEY `k` (`a`)",
                "`a` int; UNIQUE KEY `k` (`a`)",
                vec!["ALTER TABLE `t` DROP INDEX `k`, ADD KEY `k` (`a`)"],
            ),
            ("`a` int", "`a` int; PRIMARY KEY (`a`)", vec!["ALTER TABLE `t` DROP PRIMARY KEY"]),
            (
                "`a` int",
                "`a` int; CONSTRAINT `f` FOREIGN KEY (`a`) REFERENCES `q` (`a`)",
                vec!["ALTER TABLE `t` DROP FOREIGN KEY `f`"],
            ),
            (
                "`a` int; CONSTRAINT `t_ibfk_1` FOREIGN KEY (`a`) REFERENCES `q` (`a`)",
                "`a` int; CONSTRAINT `t_ibfk_3` FOREIGN KEY (`a`) REFERENCES `q` (`a`)",
                vec![],
            ),
            ("`a` int", "`a` int; CONSTRAINT `c` CHECK (`a` > 1)", vec!["ALTER TABLE `t` DROP CONSTRAINT `c`"]),
        ] {
            assert_eq!(remedies(was, is), expected, "{was} -> {is}");
        }
    }

    #[test]
    fn what_is_missing_or_left_over_as_a_whole() {
        let (none, some) = (Snapshot::default(), snapshot("`a` int"));
        let made = differences(&some, &none);
        assert_eq!(made[0].remedy.as_deref(), Some("CREATE TABLE `t` (\n  `a` int\n) ENGINE=InnoDB"));
        assert_eq!(differences(&none, &some)[0].remedy.as_deref(), Some("DROP TABLE `t`"));
    }
}
