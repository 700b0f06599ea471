//! The difference of two snapshots, part by part. What would make them equal is proposed by `remedy`.

use crate::schema::collation::Column;
use crate::schema::snapshot::{Code, Definition, Object, Snapshot, Table};
use crate::statement::names::quoted;
use crate::statement::secrets;
use std::collections::{BTreeMap, BTreeSet};

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
}

impl Difference {
    /// As it may be shown: the body of an event may hold a password, and so may the options of a table.
    pub fn without_secrets(&self) -> Difference {
        let cut = |text: &Option<String>| text.as_ref().map(|text| secrets::cut_script(text).into_owned());
        Difference { was: cut(&self.was), is: cut(&self.is), ..self.clone() }
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
        match (before.objects.get(object), now.objects.get(object)) {
            (Some(Definition::Table(was)), Some(Definition::Table(is))) => {
                found.extend(Tables { object, was, is }.differences());
            }
            (Some(Definition::Code(was)), Some(Definition::Code(is))) => found.extend(codes(object, was, is)),
            (was, is) => found.push(Difference {
                object: object.clone(),
                part: Part::Whole,
                was: was.map(|was| text(object, was)),
                is: is.map(|is| text(object, is)),
            }),
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

fn codes(object: &Object, was: &Code, is: &Code) -> Vec<Difference> {
    let times = |code: &Code| code.moments.iter().map(|m| m.at.as_str()).collect::<Vec<_>>().join(", ");
    let one = |part, was: &str, is: &str| Difference {
        object: object.clone(),
        part,
        was: Some(was.to_owned()),
        is: Some(is.to_owned()),
    };
    let mut found = Vec::new();
    if was.definition != is.definition {
        found.push(one(Part::Whole, &was.definition, &is.definition));
    }
    if was.setting != is.setting {
        found.push(one(Part::Setting, &was.setting.to_string(), &is.setting.to_string()));
    }
    if !was.has_times_of(is) {
        found.push(one(Part::Setting, &times(was), &times(is)));
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
        found.extend(self.named(&self.was.keys, &self.is.keys, Part::Key));
        let (was, is) = constraints(self.object, self.was, self.is);
        found.extend(self.named(&was, &is, Part::Constraint));
        if self.was.options != self.is.options {
            found.push(self.one(Part::Options, Some(&self.was.options), Some(&self.is.options)));
        }
        if self.was.partitions != self.is.partitions {
            let there = |text: &'_ str| (!text.is_empty()).then(|| text.to_owned());
            let (was, is) = (there(&self.was.partitions), there(&self.is.partitions));
            found.push(self.one(Part::Partitions, was.as_deref(), is.as_deref()));
        }
        found
    }

    fn one(&self, part: Part, was: Option<&str>, is: Option<&str>) -> Difference {
        Difference { object: self.object.clone(), part, was: was.map(str::to_owned), is: is.map(str::to_owned) }
    }

    fn columns(&self) -> Vec<Difference> {
        let mut found = Vec::new();
        for was in &self.was.columns {
            let is = self.is.column(&was.name);
            if !is.is_some_and(|is| is.is_like(was)) {
                let part = Part::Column(was.name.clone());
                let (was, is) = told(was, is);
                found.push(self.one(part, Some(&was), is.as_deref()));
            }
        }
        for is in self.is.columns.iter().filter(|is| self.was.column(&is.name).is_none()) {
            found.push(self.one(Part::Column(is.name.clone()), None, Some(&is.definition)));
        }
        found
    }

    fn places(&self) -> Vec<Difference> {
        let after = |table: &Table, name: &str| match table.before(name) {
            Some(before) => format!("after {}", quoted(before)),
            None => "first".to_owned(),
        };
        let tell = |name: &String| {
            let (was, is) = (after(self.was, name), after(self.is, name));
            self.one(Part::Place(name.clone()), Some(&was), Some(&is))
        };
        moved(self.was, self.is).iter().map(tell).collect()
    }

    fn named(
        &self,
        was: &BTreeMap<String, String>,
        is: &BTreeMap<String, String>,
        part: impl Fn(String) -> Part,
    ) -> Vec<Difference> {
        let names: BTreeSet<&String> = was.keys().chain(is.keys()).collect();
        let both = names.into_iter().map(|name| (name, was.get(name), is.get(name)));
        let differ = both.filter(|(_, was, is)| was != is);
        differ
            .map(|(name, was, is)| self.one(part(name.clone()), was.map(String::as_str), is.map(String::as_str)))
            .collect()
    }
}

/// Columns that stand in another place: as few as tell the whole difference.
pub fn moved(was: &Table, is: &Table) -> Vec<String> {
    let common = |of: &Table, other: &Table| {
        let both = of.columns.iter().filter(|column| other.column(&column.name).is_some());
        both.map(|column| column.name.clone()).collect::<Vec<String>>()
    };
    let (was, is) = (common(was, is), common(is, was));
    let stay = longest_common(&was, &is);
    was.iter().filter(|name| !stay.contains(name)).cloned().collect()
}

/// Foreign keys, checks and periods, by name.
type Constraints = BTreeMap<String, String>;

/// The constraints of both without those that differ only in a name that the server itself gave them.
pub fn constraints(object: &Object, was: &Table, is: &Table) -> (Constraints, Constraints) {
    let (mut before, mut now) = (was.constraints.clone(), is.constraints.clone());
    let is_given = |name: &str| is_given(&object.name, name);
    let lost: Vec<String> = before.keys().filter(|name| !now.contains_key(*name)).cloned().collect();
    for name in lost.iter().filter(|name| is_given(name)) {
        let without = |name: &str, definition: &str| definition.replacen(&quoted(name), "", 1);
        let same = |(other, definition): &(&String, &String)| {
            !was.constraints.contains_key(*other)
                && is_given(other)
                && without(other, definition) == without(name, &was.constraints[name])
        };
        if let Some(other) = now.iter().find(same).map(|(other, _)| other.clone()) {
            before.remove(name);
            now.remove(&other);
        }
    }
    (before, now)
}

/// `t_ibfk_1`, `t_chk_1`, `CONSTRAINT_1`.
fn is_given(table: &str, name: &str) -> bool {
    let heads = [format!("{table}_ibfk_"), format!("{table}_chk_"), "CONSTRAINT_".to_owned()];
    let is_number = |rest: &str| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit());
    heads.iter().any(|head| name.strip_prefix(head.as_str()).is_some_and(is_number))
}

/// Two definitions. Where nothing but the tables' character sets makes them differ, both name their own.
fn told(was: &Column, is: Option<&Column>) -> (String, Option<String>) {
    match is {
        Some(is) if is.definition == was.definition => (was.with_charset(), Some(is.with_charset())),
        _ => (was.definition.clone(), is.map(|is| is.definition.clone())),
    }
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
    use crate::schema::collation::Defaults;
    use crate::schema::snapshot::Kind;

    fn snapshot(body: &str) -> Snapshot {
        let table = Table::parse(
            &format!("CREATE TABLE `t` (\n  {}\n) ENGINE=InnoDB", body.replace("; ", ",\n  ")),
            &Defaults::default(),
        );
        let object = Object { kind: Kind::Table, name: "t".to_owned() };
        Snapshot { objects: BTreeMap::from([(object, Definition::Table(table))]) }
    }

    /// Part, was and is of each.
    fn found(was: &str, is: &str) -> Vec<String> {
        let words = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        let tell = |one: Difference| format!("{:?}: {} | {}", one.part, words(one.was), words(one.is));
        differences(&snapshot(was), &snapshot(is)).into_iter().map(tell).collect()
    }

    #[test]
    fn each_difference_names_its_part() {
        for (was, is, expected) in [
            ("`a` int", "`a` int", vec![]),
            ("`a` int; `b` int", "`a` int", vec!["Column(\"b\"): int | -"]),
            ("`a` int", "`z` int; `a` int", vec!["Column(\"z\"): - | int"]),
            ("`a` int; `b` int", "`a` bigint; `b` int", vec!["Column(\"a\"): int | bigint"]),
            ("`a` int; `b` int; `c` int", "`a` int; `c` int; `b` int", vec!["Place(\"b\"): after `a` | after `c`"]),
            (
                "`a` int; KEY `k` (`a`)",
                "`a` int; UNIQUE KEY `k` (`a`)",
                vec!["Key(\"k\"): KEY `k` (`a`) | UNIQUE KEY `k` (`a`)"],
            ),
            (
                "`a` int; CONSTRAINT `t_ibfk_1` FOREIGN KEY (`a`) REFERENCES `q` (`a`)",
                "`a` int; CONSTRAINT `t_ibfk_3` FOREIGN KEY (`a`) REFERENCES `q` (`a`)",
                vec![],
            ),
            (
                "`a` int",
                "`a` int; CONSTRAINT `c` CHECK (`a` > 1)",
                vec!["Constraint(\"c\"): - | CONSTRAINT `c` CHECK (`a` > 1)"],
            ),
        ] {
            assert_eq!(found(was, is), expected, "{was} -> {is}");
        }
    }

    #[test]
    fn what_is_missing_or_left_over_as_a_whole() {
        let (none, some) = (Snapshot::default(), snapshot("`a` int"));
        let whole = Some("CREATE TABLE `t` (\n  `a` int\n) ENGINE=InnoDB");
        let (gone, left) = (differences(&some, &none), differences(&none, &some));
        assert_eq!((gone[0].was.as_deref(), gone[0].is.as_deref()), (whole, None));
        assert_eq!((left[0].was.as_deref(), left[0].is.as_deref()), (None, whole));
    }
}
