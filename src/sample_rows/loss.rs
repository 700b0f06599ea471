//! Rows then and rows now: which values did not come back.
//!
//! The rules. A row is the same row if its primary key is; without a primary key, rows are told apart by nothing, and columns
//! are compared as bags of values. A generated column and one with ON UPDATE are left out: the server writes them by itself.
//! Rows that are new are no loss.

use std::collections::{BTreeMap, BTreeSet};

/// The rows of all tables, by the table's name.
pub type Contents = BTreeMap<String, Rows>;

/// The rows of one table, as digests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rows {
    /// Columns that are compared.
    pub columns: Vec<String>,
    /// The primary key's digest, if there is one, and those of the columns.
    pub rows: Vec<(Option<u64>, Vec<u64>)>,
}

/// Values that did not come back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The table.
    pub table: String,
    /// The column; whole rows, where there is none.
    pub column: Option<String>,
    /// How many rows lost it.
    pub rows: u64,
    /// Of how many.
    pub of: u64,
    /// How.
    pub cause: Cause,
}

/// How values are lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// They were there before the up; the down does not bring them back.
    Up,
    /// They were there before the down, in a table and a column that stay; the next up does not bring them back.
    Down,
    /// The up made their table or column, so the down takes it away, and them with it.
    Removed,
}

impl Cause {
    /// Whether a better migration could have kept them.
    pub fn is_avoidable(self) -> bool {
        match self {
            Cause::Up | Cause::Down => true,
            Cause::Removed => false,
        }
    }
}

/// What was there before the up, and is not after the down.
pub fn of_up(before: &Contents, after: &Contents) -> Vec<Loss> {
    let each = before.iter().flat_map(|(table, was)| of_table(table, was, after.get(table)));
    each.map(|(table, column, rows, of)| Loss { table, column, rows, of, cause: Cause::Up }).collect()
}

/// What was there before the down, and is not after the next up. `before` is what was there before the first up.
pub fn of_down(before: &Contents, was: &Contents, is: &Contents) -> Vec<Loss> {
    let cause = |table: &str, column: Option<&str>| match (before.get(table), column) {
        (None, _) => Cause::Removed,
        (Some(rows), Some(column)) if !rows.columns.iter().any(|other| other == column) => Cause::Removed,
        (Some(_), _) => Cause::Down,
    };
    let each = was.iter().flat_map(|(table, was)| of_table(table, was, is.get(table)));
    each.map(|(table, column, rows, of)| Loss { cause: cause(&table, column.as_deref()), table, column, rows, of })
        .collect()
}

type Lost = (String, Option<String>, u64, u64);

fn of_table(table: &str, was: &Rows, is: Option<&Rows>) -> Vec<Lost> {
    let of = was.rows.len() as u64;
    let none = Rows::default();
    let is = is.unwrap_or(&none);
    let place = |column: &String| is.columns.iter().position(|other| other == column);
    let places: Vec<Option<usize>> = was.columns.iter().map(place).collect();
    let (gone, of_columns) = match (was.is_keyed(), is.is_keyed()) {
        (true, true) => by_key(was, is, &places),
        _ => by_content(was, is, &places),
    };
    let rows = (gone > 0).then(|| (table.to_owned(), None, gone, of));
    let columns = was.columns.iter().zip(of_columns).filter(|(_, lost)| *lost > 0);
    rows.into_iter().chain(columns.map(|(column, lost)| (table.to_owned(), Some(column.clone()), lost, of))).collect()
}

/// Rows that are gone, and for each column how many of the others have lost its value.
fn by_key(was: &Rows, is: &Rows, places: &[Option<usize>]) -> (u64, Vec<u64>) {
    let now: BTreeMap<Option<u64>, &Vec<u64>> = is.rows.iter().map(|(key, values)| (*key, values)).collect();
    let mut gone = 0;
    let mut lost = vec![0; places.len()];
    for (key, values) in &was.rows {
        let Some(now) = now.get(key) else {
            gone += 1;
            continue;
        };
        for (column, place) in places.iter().enumerate() {
            lost[column] += u64::from(place.is_none_or(|place| now[place] != values[column]));
        }
    }
    (gone, lost)
}

fn by_content(was: &Rows, is: &Rows, places: &[Option<usize>]) -> (u64, Vec<u64>) {
    let gone = (was.rows.len() as u64).saturating_sub(is.rows.len() as u64);
    let bag = |rows: &Rows, column: usize| {
        let mut bag: BTreeMap<u64, i64> = BTreeMap::new();
        for (_, values) in &rows.rows {
            *bag.entry(values[column]).or_default() += 1;
        }
        bag
    };
    let lost = places.iter().enumerate().map(|(column, place)| {
        let now = place.map(|place| bag(is, place)).unwrap_or_default();
        let missing = |(value, count): (u64, i64)| (count - now.get(&value).copied().unwrap_or_default()).max(0);
        let missing: i64 = bag(was, column).into_iter().map(missing).sum();
        u64::try_from(missing).unwrap_or_default().saturating_sub(gone)
    });
    (gone, lost.collect())
}

impl Rows {
    fn is_keyed(&self) -> bool {
        let keys: BTreeSet<Option<u64>> = self.rows.iter().map(|(key, _)| *key).collect();
        !keys.contains(&None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contents(columns: &[&str], rows: &[(Option<u64>, &[u64])]) -> Contents {
        let columns = columns.iter().map(|column| (*column).to_owned()).collect();
        let rows = rows.iter().map(|(key, values)| (*key, values.to_vec())).collect();
        Contents::from([("t".to_owned(), Rows { columns, rows })])
    }

    fn told(losses: &[Loss]) -> Vec<(Option<&str>, u64, Cause)> {
        losses.iter().map(|loss| (loss.column.as_deref(), loss.rows, loss.cause)).collect()
    }

    #[test]
    fn a_value_that_changed_is_lost_and_a_new_row_is_not() {
        let before = contents(&["a", "b"], &[(Some(1), &[7, 8]), (Some(2), &[7, 9])]);
        let after = contents(&["b", "a"], &[(Some(1), &[8, 7]), (Some(2), &[0, 7]), (Some(3), &[1, 1])]);
        assert_eq!(told(&of_up(&before, &after)), [(Some("b"), 1, Cause::Up)]);
        assert_eq!(of_up(&before, &before), []);
    }

    #[test]
    fn a_row_that_is_gone_counts_once() {
        for key in [Some(2), None] {
            let first = key.map(|_| 1);
            let before = contents(&["a", "b"], &[(first, &[7, 8]), (key, &[6, 9])]);
            let after = contents(&["a", "b"], &[(first, &[7, 8])]);
            assert_eq!(told(&of_up(&before, &after)), [(None, 1, Cause::Up)]);
        }
    }

    #[test]
    fn without_a_key_columns_are_bags() {
        let before = contents(&["a"], &[(None, &[1]), (None, &[1]), (None, &[2])]);
        let after = contents(&["a"], &[(None, &[2]), (None, &[1]), (None, &[3])]);
        assert_eq!(told(&of_up(&before, &after)), [(Some("a"), 1, Cause::Up)]);
    }

    #[test]
    fn what_the_up_made_goes_with_the_down() {
        let before = contents(&["a"], &[(Some(1), &[5])]);
        let was = contents(&["a", "b"], &[(Some(1), &[6, 9])]);
        let is = contents(&["a", "b"], &[(Some(1), &[5, 0])]);
        assert_eq!(told(&of_down(&before, &was, &is)), [(Some("a"), 1, Cause::Down), (Some("b"), 1, Cause::Removed)]);
        assert_eq!(told(&of_down(&Contents::new(), &was, &Contents::new())), [(None, 1, Cause::Removed)]);
    }
}
