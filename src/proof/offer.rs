//! What would make the database what it was: statements that are tried where they are needed, before anybody reads them.

use crate::db::read_snapshot;
use crate::error::Result;
use crate::event::prove::Remedy;
use crate::proof::script_run::{Rehearsal, Stop};
use crate::schema::difference::differences;
use crate::schema::remedy::{self, ForeignKeys, Statement};
use crate::schema::snapshot::{Setting, Snapshot};

/// How often what is still missing is asked for: a foreign key makes an index, a MODIFY makes a default.
const ROUNDS: usize = 4;

/// Reads what there is now.
pub type Look<'a> = &'a mut dyn FnMut(&mut Rehearsal) -> Result<Snapshot>;

/// Tries the proposals until everything is as it was before, or nothing helps any more.
pub fn tried(rehearsal: &mut Rehearsal, before: &Snapshot, look: Look<'_>) -> Result<Remedy> {
    let setting = read_snapshot::session_setting(&mut rehearsal.conn).map_err(|error| rehearsal.lost(&error))?;
    let mut trial = Trial { rehearsal, setting, ran: Vec::new() };
    let mut keys = ForeignKeys::Kept;
    for _ in 0..ROUNDS {
        let now = look(trial.rehearsal)?;
        if differences(before, &now).is_empty() {
            break;
        }
        let ran = trial.ran.len();
        let refused = trial.all(remedy::statements(before, &now, keys))?;
        let parts = refused.iter().flat_map(parts).collect();
        let refused = trial.all(parts)?.len() + refused.iter().filter(|one| one.parts.is_empty()).count();
        if trial.ran.len() == ran && keys == ForeignKeys::Renewed {
            break;
        }
        if refused > 0 {
            keys = ForeignKeys::Renewed;
        }
    }
    let leads_there = differences(before, &look(trial.rehearsal)?).is_empty();
    let ran = trial.ran;
    rehearsal.renew().map_err(Stop::into_error)?;
    Ok(if leads_there { Remedy::Tried(ran) } else { Remedy::NoneFound })
}

fn parts(statement: &Statement) -> Vec<Statement> {
    let part = |sql: &String| Statement { sql: sql.clone(), parts: Vec::new(), ..statement.clone() };
    statement.parts.iter().map(part).collect()
}

struct Trial<'a> {
    rehearsal: &'a mut Rehearsal,
    /// What the session makes objects under.
    setting: Setting,
    /// What ran, in this order.
    ran: Vec<Statement>,
}

impl Trial<'_> {
    /// Runs them; what is refused is tried again after the others, on which it may depend. Gives back what stays refused.
    fn all(&mut self, mut left: Vec<Statement>) -> Result<Vec<Statement>> {
        loop {
            let mut refused = Vec::new();
            let ran = self.ran.len();
            for statement in left {
                if !self.one(&statement)? {
                    refused.push(statement);
                }
            }
            if refused.is_empty() || self.ran.len() == ran {
                return Ok(refused);
            }
            left = refused;
        }
    }

    /// Whether the server takes it.
    fn one(&mut self, statement: &Statement) -> Result<bool> {
        if let Some(setting) = statement.setting.as_ref().filter(|setting| !setting.is_of(&self.setting)) {
            let sql = setting.statement();
            let set = Statement { sql, setting: None, parts: Vec::new(), ..statement.clone() };
            if !self.one(&set)? {
                return Ok(false);
            }
            let sql_mode = setting.sql_mode.clone().or(self.setting.sql_mode.take());
            self.setting = Setting { sql_mode, ..setting.clone() };
        }
        let is_taken = self.rehearsal.attempt(&statement.sql)?;
        if is_taken {
            self.ran.push(statement.clone());
        }
        Ok(is_taken)
    }
}
