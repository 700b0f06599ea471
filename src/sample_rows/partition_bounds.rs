//! Which values fall into a partition that is there.

use crate::sample_rows::check_hints::{self, Token};
use crate::sample_rows::column_values::Domain;
use crate::sample_rows::days;
use crate::sample_rows::numeric_range::{Steps, Unit};
use crate::sample_rows::value::Value;
use crate::schema::table::Partition;

/// The days before 1970 that TO_DAYS counts.
const TO_DAYS: i128 = 719_528;

/// What a table's partitions want of one column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fence {
    /// The column.
    pub column: String,
    /// The function around it.
    function: Option<String>,
    /// RANGE: the limits, and whether the last partition takes the rest.
    limits: Vec<Value>,
    open: bool,
    /// LIST.
    values: Vec<Value>,
}

impl Fence {
    /// Of a table that is partitioned by RANGE or LIST over one column, or over a known function of one.
    pub fn of(partitions: &[Partition]) -> Option<Fence> {
        let mut whole: Option<Fence> = None;
        for partition in partitions {
            let fence = one(&partition.rule)?;
            match &mut whole {
                None => whole = Some(fence),
                Some(whole) => {
                    whole.limits.extend(fence.limits);
                    whole.values.extend(fence.values);
                    whole.open |= fence.open;
                }
            }
        }
        whole
    }

    /// Leaves of a column's values those that a partition takes.
    pub fn narrow(&self, domain: &mut Domain) {
        if let Domain::Steps(steps) = domain {
            let limits: Vec<i128> = self.limits.iter().filter_map(|limit| self.step(steps.unit, limit)).collect();
            if let (Some(last), false) = (limits.iter().max(), self.open) {
                steps.at_most(last - 1);
            }
            steps.points.extend(limits.iter().flat_map(|limit| [limit - 1, *limit]));
        }
        if self.values.is_empty() {
            return;
        }
        match (domain, &self.function) {
            (domain @ (Domain::Words(_) | Domain::Steps(_)), None) => *domain = Domain::Choice(self.values.clone()),
            (domain @ Domain::Steps(_), Some(_)) => {
                let Domain::Steps(steps) = &*domain else { return };
                let chosen = self.values.iter().filter_map(|value| self.written(steps, value)).collect();
                *domain = Domain::Choice(chosen);
            }
            _ => (),
        }
    }

    /// The first step for which the function gives this.
    fn step(&self, unit: Unit, value: &Value) -> Option<i128> {
        let Some(function) = &self.function else { return check_hints::step(unit, value) };
        let number = check_hints::step(Unit::Whole, value)?;
        let day = match function.as_str() {
            "year" => days::day(number, 1, 1),
            "to_days" => number - TO_DAYS,
            "unix_timestamp" => return matches!(unit, Unit::Moment(_)).then(|| number * unit.per_whole()),
            _ => return None,
        };
        match unit {
            Unit::Day => Some(day),
            Unit::Moment(_) => Some(day * 86_400 * unit.per_whole()),
            Unit::Whole | Unit::Digit(_) | Unit::Quarter | Unit::Bits(_) | Unit::Clock(_) => None,
        }
    }

    fn written(&self, steps: &Steps, value: &Value) -> Option<Value> {
        let step = self.step(steps.unit, value)?;
        Some(Steps { low: step, high: step, ..steps.clone() }.full())
    }
}

/// `RANGE year(`d`) 2000`, `LIST COLUMNS `k` 'x','y'`, as INFORMATION_SCHEMA's columns give it.
fn one(rule: &str) -> Option<Fence> {
    use Token::{Name, Word};
    let tokens = check_hints::tokens(rule);
    let mut rest = tokens.as_slice();
    let is_range = match rest {
        [Word(method), ..] if method == "range" => true,
        [Word(method), ..] if method == "list" => false,
        _ => return None,
    };
    rest = &rest[1..];
    if matches!(rest, [Word(columns), ..] if columns == "columns") {
        rest = &rest[1..];
    }
    let (column, function, rest) = match rest {
        [Name(column), rest @ ..] => (column.clone(), None, rest),
        [Word(function), Word(open), Name(column), Word(close), rest @ ..] if open == "(" && close == ")" => {
            (column.clone(), Some(function.clone()), rest)
        }
        _ => return None,
    };
    let mut fence = Fence { column, function, limits: Vec::new(), open: false, values: Vec::new() };
    let literals = literals(rest, &mut fence.open)?;
    if is_range {
        // Of several columns the first decides: what is below its limit is below them all.
        fence.limits.extend(literals.into_iter().next());
    } else {
        fence.values = literals;
    }
    Some(fence)
}

/// The literals of a limit or a list; nothing where there is more to the expression.
fn literals(tokens: &[Token], open: &mut bool) -> Option<Vec<Value>> {
    let mut found = Vec::new();
    let mut minus = false;
    for token in tokens {
        match token {
            Token::Literal(Value::Number(number)) if minus => found.push(Value::Number(format!("-{number}"))),
            Token::Literal(value) => found.push(value.clone()),
            Token::Word(word) if word == "maxvalue" && found.is_empty() => *open = true,
            // The method of subpartitions follows.
            Token::Word(word) if matches!(word.as_str(), "hash" | "key" | "linear") => break,
            Token::Word(word) if matches!(word.as_str(), "," | "null" | "-" | "maxvalue") => (),
            Token::Name(_) if found.is_empty() && !*open => (),
            Token::Name(_) | Token::Word(_) => return None,
        }
        minus = matches!(token, Token::Word(word) if word == "-");
    }
    Some(found)
}
