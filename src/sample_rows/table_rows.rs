//! The rows of one table.

use crate::sample_rows::check_hints::{self, Hint, Token};
use crate::sample_rows::column::{Place, Slot};
use crate::sample_rows::column_values::Domain;
use crate::sample_rows::rng::Dice;
use crate::sample_rows::unique_keys::{self, Spread, Unit};
use crate::sample_rows::value::Value;
use crate::schema::table::{ForeignKey, Index, Table};
use std::collections::BTreeMap;

/// Why a table cannot be filled, or a row cannot be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Why {
    /// A column must have a value, and its type is not known.
    Type {
        /// The column.
        column: String,
        /// Its type.
        kind: String,
    },
    /// A foreign key must point to a row, and there is none that fits.
    NoTarget {
        /// The table that it points to.
        target: String,
    },
    /// A unique key has no room for more rows.
    Room,
}

/// Values that a foreign key may take, one list a row of its target.
pub type Targets = Vec<Vec<Value>>;

/// What it takes to make the rows of a table.
#[derive(Clone, Debug)]
pub struct Recipe<'a> {
    name: &'a str,
    table: &'a Table,
    seed: u64,
    rows: u64,
    slots: Vec<Slot>,
    links: Vec<Link<'a>>,
    ordered: Vec<(usize, usize)>,
}

/// A foreign key.
#[derive(Clone, Debug)]
struct Link<'a> {
    name: &'a str,
    key: &'a ForeignKey,
    /// Its columns, as places in the table.
    columns: Vec<usize>,
    /// Those that it points to, where that is the table itself.
    own: Option<Vec<usize>>,
    targets: Targets,
    capacity: u64,
    spread: Option<Spread>,
}

impl<'a> Recipe<'a> {
    /// For batches of so many rows. `room` says how many rows the target of each foreign key has, or will have.
    pub fn new(
        seed: u64,
        rows: u64,
        name: &'a str,
        table: &'a Table,
        room: &BTreeMap<String, u64>,
    ) -> Result<Recipe<'a>, Why> {
        let slots: Vec<Slot> = table.columns.iter().map(|column| Slot::of(table, column)).collect();
        let place = |column: &str| table.columns.iter().position(|other| other.name.eq_ignore_ascii_case(column));
        let places = |columns: &[String]| columns.iter().filter_map(|column| place(column)).collect::<Vec<usize>>();
        let mut links: Vec<Link<'a>> = (table.foreign_keys.iter())
            .map(|(key_name, key)| Link {
                name: key_name,
                key,
                columns: places(&key.columns),
                own: (key.target == name && key.target_schema.is_none()).then(|| places(&key.target_columns)),
                targets: Vec::new(),
                capacity: room.get(key_name).copied().unwrap_or_default(),
                spread: None,
            })
            .collect();
        // Those of many columns leave the least choice; those to the table itself need the row's other values.
        links.sort_by_key(|link| (link.own.is_some(), std::cmp::Reverse(link.columns.len())));
        let ordered = ordered(table);
        let mut recipe = Recipe { name, table, seed, rows, slots, links, ordered };
        recipe.spread();
        match recipe.unknown() {
            Some(place) => {
                let column = &table.columns[place];
                Err(Why::Type { column: column.name.clone(), kind: column.kind.clone() })
            }
            None => Ok(recipe),
        }
    }

    /// Gives a foreign key, by its name, the rows that it may point to.
    pub fn point(&mut self, key: &str, targets: Targets) {
        for link in self.links.iter_mut().filter(|link| link.name == key) {
            link.targets.clone_from(&targets);
        }
    }

    /// The columns that get a value, as places in the table.
    pub fn columns(&self) -> Vec<usize> {
        (0..self.slots.len()).filter(|place| self.slots[*place].domain.is_some()).collect()
    }

    /// The SRID of a geometry, which INFORMATION_SCHEMA keeps beside the type.
    pub fn set_srid(&mut self, column: &str, srid: u32) {
        let place = self.table.columns.iter().position(|other| other.name == column);
        if let Some(Slot { domain: Some(domain), .. }) = place.map(|place| &mut self.slots[place]) {
            domain.set_srid(srid);
        }
    }

    /// What a row of the first attempt will hold in these columns; nothing where that depends on other rows.
    pub fn preview(&self, columns: &[String], start: u64, offset: u64) -> Option<Vec<Value>> {
        let values = columns.iter().map(|column| {
            let place = self.table.columns.iter().position(|other| other.name.eq_ignore_ascii_case(column))?;
            let is_linked = self.links.iter().any(|link| link.columns.contains(&place));
            if is_linked { None } else { self.own(place, Place { start, offset, attempt: 0 }) }
        });
        values.collect()
    }

    /// A row, one value a column of the table. `made` are the rows of this batch so far.
    pub fn row(&self, place: Place, made: &[Vec<Value>]) -> Result<Vec<Value>, Why> {
        let mut row: Vec<Option<Value>> = vec![None; self.slots.len()];
        for (column, value) in row.iter_mut().enumerate() {
            if !self.links.iter().any(|link| link.columns.contains(&column)) {
                *value = Some(self.own(column, place).ok_or(Why::Room)?);
            }
        }
        self.put_in_order(&mut row);
        for link in &self.links {
            self.link(link, place, made, &mut row)?;
        }
        Ok(row.into_iter().map(|value| value.unwrap_or(Value::Null)).collect())
    }

    fn own(&self, column: usize, place: Place) -> Option<Value> {
        let words = [self.name, self.table.columns[column].name.as_str()];
        self.slots[column].value(self.seed, &words, place, self.rows)
    }

    /// `CHECK (starts < ends)`: the smaller one first.
    fn put_in_order(&self, row: &mut [Option<Value>]) {
        for (small, great) in &self.ordered {
            let step = |place: usize| match (&self.slots[place], &row[place]) {
                (Slot { domain: Some(Domain::Steps(steps)), spread: None, .. }, Some(value)) => {
                    check_hints::step(steps.unit, value)
                }
                _ => None,
            };
            if let (Some(low), Some(high)) = (step(*small), step(*great))
                && low > high
            {
                row.swap(*small, *great);
            }
        }
    }

    fn link(&self, link: &Link<'_>, place: Place, made: &[Vec<Value>], row: &mut [Option<Value>]) -> Result<(), Why> {
        let left: Vec<usize> = link.columns.iter().copied().filter(|column| row[*column].is_none()).collect();
        let words = [self.name, link.name];
        let number = place.start + if place.offset == 1 && place.attempt == 0 { 0 } else { place.offset };
        let mut dice = Dice::new(self.seed, &words, number + (place.attempt << 40));
        let can_be_null = left.iter().any(|column| self.slots[*column].nullable);
        let wants_null = place.attempt == 0 && place.offset == 2 || place.offset > 2 && dice.one_in(6);
        let index = link.spread.map(|spread| spread.index(place.start + place.offset + place.attempt * self.rows));
        let chosen = if can_be_null && wants_null { None } else { self.target(link, index, made, row, &mut dice) };
        match chosen {
            Some(target) => {
                for (column, value) in link.columns.iter().zip(target) {
                    row[*column].get_or_insert(value);
                }
            }
            // One NULL is enough for the whole key to point nowhere.
            None if can_be_null => {
                for column in &left {
                    let null = self.slots[*column].nullable;
                    row[*column] = if null { Some(Value::Null) } else { self.own(*column, place) };
                }
            }
            None if link.columns.iter().any(|column| row[*column] == Some(Value::Null)) => {
                for column in &left {
                    row[*column] = self.own(*column, place);
                }
            }
            None if index.is_some_and(|index| index >= link.targets.len() as u64) && !link.targets.is_empty() => {
                return Err(Why::Room);
            }
            None => return Err(Why::NoTarget { target: link.key.target.clone() }),
        }
        Ok(())
    }

    /// A row to point to that fits what other foreign keys have put into shared columns.
    fn target(
        &self,
        link: &Link<'_>,
        index: Option<u64>,
        made: &[Vec<Value>],
        row: &[Option<Value>],
        dice: &mut Dice,
    ) -> Option<Vec<Value>> {
        let own = |row: &[Option<Value>], columns: &[usize]| {
            columns.iter().map(|column| row[*column].clone()).collect::<Option<Vec<Value>>>()
        };
        let of_made = |columns: &Vec<usize>| {
            let tuple = |row: &Vec<Value>| columns.iter().map(|column| row[*column].clone()).collect::<Vec<Value>>();
            made.iter().map(tuple).collect::<Targets>()
        };
        let earlier = link.own.as_ref().map(of_made).unwrap_or_default();
        let itself = link.own.as_ref().and_then(|columns| own(row, columns));
        let fits = |target: &&Vec<Value>| {
            let known = link.columns.iter().zip(target.iter());
            !target.contains(&Value::Null)
                && known.into_iter().all(|(column, value)| row[*column].as_ref().is_none_or(|set| set == value))
        };
        let all: Vec<&Vec<Value>> = link.targets.iter().chain(&earlier).chain(&itself).collect();
        match index {
            Some(index) => all.get(usize::try_from(index).ok()?).copied().filter(|target| fits(target)).cloned(),
            None => {
                let fitting: Vec<&Vec<Value>> = all.into_iter().filter(fits).collect();
                dice.pick(&fitting).map(|target| (*target).clone())
            }
        }
    }

    fn unknown(&self) -> Option<usize> {
        let linked = |place: usize| self.links.iter().any(|link| link.columns.contains(&place));
        (0..self.slots.len()).find(|place| self.slots[*place].is_unknown() && !linked(*place))
    }

    /// Gives the columns and foreign keys of unique keys what makes rows differ.
    fn spread(&mut self) {
        let unique: Vec<&Index> = self.table.indexes.values().filter(|index| index.unique).collect();
        for index in &unique {
            for part in &index.parts {
                for place in self.based_on(&part.column, 0) {
                    let width = &mut self.slots[place].width;
                    *width = (*width).into_iter().chain(part.length).min();
                }
            }
        }
        // Units: first the columns, then the foreign keys.
        let columns = self.slots.len();
        let units: Vec<Unit> = (self.slots.iter().map(Slot::capacity))
            .chain(self.links.iter().map(|link| link.capacity))
            .map(|capacity| Unit { capacity })
            .collect();
        let keys: Vec<Vec<usize>> = unique.iter().map(|index| self.units_of(index)).collect();
        let spreads = unique_keys::spreads(&units, &keys, self.rows);
        for (place, spread) in spreads.into_iter().enumerate() {
            match place.checked_sub(columns) {
                None => self.slots[place].spread = spread,
                Some(link) => self.links[link].spread = spread,
            }
        }
    }

    /// What a unique key is made of. Columns that a foreign key shares with others tell no rows apart.
    fn units_of(&self, index: &Index) -> Vec<usize> {
        let mut places: Vec<usize> = Vec::new();
        for part in &index.parts {
            let based = self.based_on(&part.column, 0);
            // Of several columns behind an expression the one with the most values.
            places.extend(based.into_iter().max_by_key(|place| self.slots[*place].capacity()));
        }
        let mut units: Vec<usize> = Vec::new();
        for place in &places {
            let of_link = self.links.iter().position(|link| link.columns.contains(place));
            let unit = match of_link {
                None => *place,
                Some(link) if self.links[link].columns.iter().all(|column| places.contains(column)) => {
                    self.slots.len() + link
                }
                Some(_) => continue,
            };
            if !units.contains(&unit) {
                units.push(unit);
            }
        }
        units
    }

    /// The column itself, or the columns that the expression of an index or of a generated column is made of.
    fn based_on(&self, column: &str, depth: u32) -> Vec<usize> {
        let place = self.table.columns.iter().position(|other| other.name.eq_ignore_ascii_case(column));
        let expression = match place {
            Some(place) if !self.slots[place].generated => return vec![place],
            Some(place) => self.table.columns[place].generated.as_deref().unwrap_or_default(),
            None => column,
        };
        if depth > 8 {
            return Vec::new();
        }
        let names = check_hints::tokens(expression).into_iter().filter_map(|token| match token {
            Token::Name(name) => Some(name),
            Token::Literal(_) | Token::Word(_) => None,
        });
        names.flat_map(|name| self.based_on(&name, depth + 1)).collect()
    }
}

fn ordered(table: &Table) -> Vec<(usize, usize)> {
    let place = |name: &str| table.columns.iter().position(|column| column.name == *name);
    let pair = |hint: Hint| match hint {
        Hint::Ordered(small, great) => Some((place(&small)?, place(&great)?)),
        _ => None,
    };
    table.checks.values().flat_map(|clause| check_hints::hints(clause)).filter_map(pair).collect()
}
