//! What a planned statement removes, with its rows.

use crate::command::plan::Planner;
use crate::cost::estimate::{Count, Loss};
use crate::db::count::{Counted, Counter};
use crate::engine::losses;
use crate::event::Rows;
use crate::schema::stage::Lost;
use crate::statement::effects::{Effects, Removal};

impl Planner<'_> {
    /// What goes, with its rows; nothing that the plan itself has made. Values that are written over are no loss to a plan.
    pub(super) fn losses(&mut self, effects: &Effects) -> mysql::Result<Vec<Loss>> {
        let mut found = Vec::new();
        for (removal, lost) in self.stage.lost(effects) {
            if matches!(lost, Lost::Values(_) | Lost::Converts(..)) {
                continue;
            }
            let rows = match losses::question(&lost, self.stage.present()) {
                Some(question) => match self.count(question)? {
                    Some(rows) => rows,
                    None => continue,
                },
                None => Count::Unknown,
            };
            found.extend(loss(&removal, lost, rows));
        }
        Ok(found)
    }

    /// With what is left of the time for all counts of the plan.
    fn count(&mut self, question: Counted) -> mysql::Result<Option<Count>> {
        let mut counter = Counter::on(&mut self.stock.conn)?.since(self.counted);
        let answer = counter.count(&[question])?.pop().flatten();
        self.counted += counter.spent();
        Ok(answer.map(|rows| match rows {
            Rows::Exactly(rows) => Count::Exactly(rows),
            Rows::MoreThan(rows) => Count::MoreThan(rows),
            Rows::Unknown => Count::Unknown,
        }))
    }
}

/// A loss by the name that the statement has for it.
fn loss(removal: &Removal, lost: Lost, rows: Count) -> Option<Loss> {
    let table = removal.table().map(|name| name.name.clone()).or_else(|| lost.table().map(ToString::to_string));
    let table = table.unwrap_or_default();
    Some(match lost {
        Lost::Table(_) => Loss::Table(table, rows),
        Lost::AllRows(_) | Lost::SomeRows(_) if rows == Count::Exactly(0) => return None,
        Lost::AllRows(_) | Lost::SomeRows(_) => Loss::Rows(table, rows),
        Lost::Values(_) | Lost::Converts(..) => return None,
        Lost::Column(_, column) => Loss::Column(table, removal.column().unwrap_or(&column).to_owned(), rows),
        Lost::Partition(_, part) => Loss::Partition(table, part, rows),
        Lost::Database(name) => Loss::Database(name),
        Lost::Unknown(why) => Loss::Unknown(why),
    })
}
