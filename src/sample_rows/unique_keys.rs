//! Makes rows differ where unique keys want it, and only there: in a key over two columns each of them repeats.

/// What a unique key is made of: a column, or the columns of a foreign key, which come from one row of another table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unit {
    /// How many different values it has.
    pub capacity: u64,
}

/// How the number of a row becomes the number of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spread {
    /// So many rows in a row have the same one.
    stride: u64,
    /// After so many it begins again; never, where there is none.
    radix: Option<u64>,
}

impl Spread {
    /// Another value in each row.
    pub const DISTINCT: Spread = Spread { stride: 1, radix: None };

    /// The value of a row.
    pub fn index(self, row: u64) -> u64 {
        let index = row / self.stride;
        self.radix.map_or(index, |radix| index % radix)
    }
}

/// A spread for each unit that a key needs one of. `keys` are places in `units`.
pub fn spreads(units: &[Unit], keys: &[Vec<usize>], rows: u64) -> Vec<Option<Spread>> {
    let mut spreads = vec![None; units.len()];
    let mut keys: Vec<&Vec<usize>> = keys.iter().filter(|key| !key.is_empty()).collect();
    keys.sort_by_key(|key| key.len());
    for key in keys {
        if key.iter().any(|unit| spreads[*unit] == Some(Spread::DISTINCT)) {
            continue;
        }
        let mut by_capacity = key.clone();
        by_capacity.sort_by_key(|unit| units[*unit].capacity);
        if key.len() == 1 || key.iter().any(|unit| spreads[*unit].is_some()) {
            // Columns that another key has spread already are not asked to fit two keys: one column tells the rows apart.
            let free =
                by_capacity.iter().rev().find(|unit| spreads[**unit].is_none() && units[**unit].capacity >= rows);
            let unit = free.or(by_capacity.last()).expect("the key is not empty");
            spreads[*unit] = Some(Spread::DISTINCT);
        } else {
            as_digits(units, &by_capacity, rows, &mut spreads);
        }
    }
    spreads
}

/// The row's number, written in digits of about the same size; the last one goes on for as long as there are values.
fn as_digits(units: &[Unit], by_capacity: &[usize], rows: u64, spreads: &mut [Option<Spread>]) {
    let mut left = rows.max(1);
    let mut stride: u64 = 1;
    for (place, unit) in by_capacity.iter().enumerate() {
        let units_left = by_capacity.len() - place;
        let radix = root(left, units_left).min(units[*unit].capacity).max(1);
        spreads[*unit] = Some(Spread { stride, radix: (units_left > 1).then_some(radix) });
        stride = stride.saturating_mul(radix);
        left = left.div_ceil(radix);
    }
}

/// The smallest number whose power is not less.
fn root(number: u64, power: usize) -> u64 {
    let power = u32::try_from(power).unwrap_or(u32::MAX);
    (1..=number).find(|base| base.saturating_pow(power) >= number).unwrap_or(number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn tuples(capacities: &[u64], keys: &[Vec<usize>], rows: u64) -> Vec<Vec<Option<u64>>> {
        let units: Vec<Unit> = capacities.iter().map(|capacity| Unit { capacity: *capacity }).collect();
        let spreads = spreads(&units, keys, rows);
        (0..rows).map(|row| spreads.iter().map(|spread| spread.map(|spread| spread.index(row))).collect()).collect()
    }

    #[test]
    fn keys_differ_and_their_columns_repeat() {
        for (capacities, rows) in
            [(vec![2, 6, 6], 70), (vec![1000, 1000], 20), (vec![3, 1 << 40], 50), (vec![20, 20], 20)]
        {
            let key: Vec<usize> = (0..capacities.len()).collect();
            let tuples = tuples(&capacities, &[key], rows);
            let different: BTreeSet<_> = tuples.iter().collect();
            assert_eq!(different.len() as u64, rows, "{capacities:?}");
            for (unit, capacity) in capacities.iter().enumerate() {
                let of_unit: BTreeSet<_> = tuples.iter().map(|tuple| tuple[unit]).collect();
                assert!(
                    (of_unit.len() as u64) < rows && of_unit.iter().all(|index| index.expect("spread") < *capacity)
                );
            }
        }
    }

    #[test]
    fn keys_that_share_a_column_all_hold() {
        let tuples = tuples(&[1000, 1000, 1000], &[vec![0, 1], vec![1, 2], vec![0, 2]], 50);
        for (a, b) in [(0, 1), (1, 2), (0, 2)] {
            let different: BTreeSet<_> = tuples.iter().map(|tuple| (tuple[a], tuple[b])).collect();
            assert_eq!(different.len(), 50);
        }
    }
}
