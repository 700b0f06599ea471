//! The order of tables: each after those that its foreign keys point to. Tables that point to each other come together.

use crate::schema::table::Schema;
use std::collections::BTreeMap;

/// Groups of tables, each after those that it points to. A group of more than one is a cycle.
pub fn groups(schema: &Schema) -> Vec<Vec<String>> {
    let mut walk = Walk { schema, seen: BTreeMap::new(), open: Vec::new(), groups: Vec::new() };
    for name in schema.tables.keys() {
        if !walk.seen.contains_key(name.as_str()) {
            walk.visit(name);
        }
    }
    walk.groups
}

/// Tarjan's walk, with a stack of its own: a chain of foreign keys may be longer than a thread's stack takes.
struct Walk<'a> {
    schema: &'a Schema,
    /// When a table was met, and the first one met that it leads back to; done where that is out of reach.
    seen: BTreeMap<&'a str, (usize, usize)>,
    open: Vec<&'a str>,
    groups: Vec<Vec<String>>,
}

impl<'a> Walk<'a> {
    fn visit(&mut self, root: &'a str) {
        let mut path = vec![(root, self.targets(root))];
        self.meet(root);
        while let Some((name, targets)) = path.last_mut() {
            let name = *name;
            if let Some(target) = targets.pop() {
                match self.seen.get(target).copied() {
                    None => {
                        self.meet(target);
                        let next = self.targets(target);
                        path.push((target, next));
                    }
                    Some((met, _)) if self.open.contains(&target) => self.lead_back(name, met),
                    Some(_) => (),
                }
            } else {
                path.pop();
                let (met, first) = self.seen[name];
                if let Some((before, _)) = path.last() {
                    self.lead_back(before, first);
                }
                if met == first {
                    self.close(name);
                }
            }
        }
    }

    fn targets(&self, name: &str) -> Vec<&'a str> {
        let Some(table) = self.schema.tables.get(name) else { return Vec::new() };
        let inside = table.foreign_keys.values().filter(|key| key.target_schema.is_none());
        let known = |target: &String| self.schema.tables.get_key_value(target).map(|(name, _)| name.as_str());
        inside.rev().filter_map(|key| known(&key.target)).collect()
    }

    fn meet(&mut self, name: &'a str) {
        let now = self.seen.len();
        self.seen.insert(name, (now, now));
        self.open.push(name);
    }

    fn lead_back(&mut self, name: &str, met: usize) {
        if let Some((_, first)) = self.seen.get_mut(name) {
            *first = met.min(*first);
        }
    }

    fn close(&mut self, name: &str) {
        let from = self.open.iter().position(|open| *open == name).unwrap_or_default();
        let mut group: Vec<String> = self.open.drain(from..).map(str::to_owned).collect();
        group.sort();
        self.groups.push(group);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::table::{ForeignKey, Table};

    fn schema(keys: &[(&str, &[&str])]) -> Schema {
        let table = |targets: &[&str]| Table {
            foreign_keys: (targets.iter())
                .map(|target| {
                    (format!("fk_{target}"), ForeignKey { target: (*target).to_owned(), ..ForeignKey::default() })
                })
                .collect(),
            ..Table::default()
        };
        Schema { tables: keys.iter().map(|(name, targets)| ((*name).to_owned(), table(targets))).collect() }
    }

    #[test]
    fn targets_come_first_and_cycles_together() {
        let schema = schema(&[("a", &["b"]), ("b", &["c"]), ("c", &["b", "d"]), ("d", &["d"]), ("e", &["a", "gone"])]);
        assert_eq!(groups(&schema), [vec!["d"], vec!["b", "c"], vec!["a"], vec!["e"]]);
    }

    #[test]
    fn a_long_chain_needs_no_deep_stack() {
        let names: Vec<String> = (0..3000).map(|n| format!("t{n:05}")).collect();
        let chain: Vec<(&str, Vec<&str>)> = (0..3000)
            .map(|n| (names[n].as_str(), names.get(n + 1).map(String::as_str).into_iter().collect()))
            .collect();
        let chain: Vec<(&str, &[&str])> = chain.iter().map(|(name, targets)| (*name, targets.as_slice())).collect();
        assert_eq!(groups(&schema(&chain)).first(), Some(&vec!["t02999".to_owned()]));
    }
}
