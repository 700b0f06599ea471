//! Words for what `prove` finds: a summary that can be read in a pull request.

use super::style::{BOLD, GREEN, RED, YELLOW, paint, place};
use crate::error::Place;
use crate::event::prove::{
    Blame, Differs, Fault, Finding, Phase, Proved, Remedy, Short, Trouble, Verdict, Way, begun_in_use,
};
use crate::report::format::{count, elapsed, plain};
use crate::sample_rows::loss::{Cause, Loss};
use crate::schema::difference::{Difference, Part};
use crate::schema::snapshot::Kind;
use crate::statement::names::quoted;

/// One migration.
pub fn verdict(verdict: &Verdict) -> String {
    let line = |style, word: &str, detail: &str| {
        let text = format!("{}  {:<50}  {detail}", paint(style, &format!("{word:<10}")), verdict.name.stem());
        text.trim_end().to_owned()
    };
    let text = match &verdict.finding {
        Finding::Proven => line(GREEN, "proven", &elapsed(verdict.elapsed)),
        Finding::Irreversible(reason) => line(YELLOW, "one way", &format!("irreversible: {}", plain(reason))),
        Finding::NotReached => line(RED, "not proven", "not reached"),
        Finding::NotProven(fault) => {
            format!("{}\n{}", line(RED, "not proven", &elapsed(verdict.elapsed)), self::fault(fault))
        }
    };
    text + &losses(&verdict.losses)
}

/// One line a table and a cause for whole rows, one for all columns of a table that the same happened to.
fn losses(losses: &[Loss]) -> String {
    let mut text = String::new();
    for loss in losses {
        let rows = count(loss.rows, "row");
        let table = plain(&loss.table);
        let what = match &loss.column {
            Some(column) => format!("{rows} of {table}.{} lost their values", plain(column)),
            None => format!("{rows} of {table} did not come back"),
        };
        let how = match loss.cause {
            Cause::Up => "the down does not bring back what was there before the up",
            Cause::Down => "the down loses them: the next up does not bring them back",
            Cause::Removed if loss.column.is_some() => "the down takes the column away",
            Cause::Removed => "the down takes the table away",
        };
        text.push_str(&format!("\n    {what} ({how})"));
    }
    text
}

/// A table that made-up rows do not fill.
pub fn short(short: &Short) -> String {
    let Short { table, rows, of, why, .. } = short;
    let word = paint(YELLOW, "short     ");
    format!("{word}  table {} has {rows} of {of} generated rows: {}", plain(&quoted(table)), plain(why))
}

/// The end.
pub fn proved(proved: &Proved) -> String {
    let mut counts = vec![format!("{} proven", proved.proven)];
    if proved.unproven > 0 {
        counts.push(paint(RED, &format!("{} not proven", proved.unproven)));
    }
    if proved.irreversible > 0 {
        counts.push(format!("{} one way", proved.irreversible));
    }
    format!("{}{}, on {}, in {}", way(&proved.way), counts.join(", "), proved.server, elapsed(proved.elapsed))
}

fn way(way: &Way) -> String {
    match way {
        Way::Whole => format!("{}  all the way down, and nothing is left; and up again\n", paint(GREEN, "proven    ")),
        Way::DownTo(name) => {
            format!("{}  down to `{name}`, where this rollback ends, and up again\n", paint(GREEN, "proven    "))
        }
        Way::Nowhere => String::new(),
        Way::Fails(name, fault) => {
            format!("{}  `{name}`, on {}\n{}\n", paint(RED, "not proven"), when(fault.phase), self::fault(fault))
        }
        Way::Differs(phase, differences, remedy) => {
            let list: Vec<String> = differences.iter().map(|one| difference(one, *phase, remedy)).collect();
            let remedy = self::remedy(remedy, *phase);
            format!("{}  {}\n{}{remedy}\n", paint(RED, "not proven"), when(*phase), list.join("\n"))
        }
    }
}

fn when(phase: Phase) -> String {
    match phase {
        Phase::Up => "its up".to_owned(),
        Phase::Down => "its down".to_owned(),
        Phase::UpAgain => "its second up".to_owned(),
        Phase::GoneOn(k) => format!("a stop at statement {k} and `up` again"),
        Phase::TakenBack(k) => format!("a stop at statement {k} and `undo`"),
        Phase::WayDown => "the way all down".to_owned(),
        Phase::WayUp => "the way up again".to_owned(),
    }
}

fn fault(fault: &Fault) -> String {
    let hint = fault.never_made.iter().map(|table| format!("\n    hint: {}", plain(&begun_in_use(table))));
    trouble(fault) + &hint.collect::<String>()
}

fn trouble(fault: &Fault) -> String {
    match &fault.trouble {
        Trouble::Refused(blame, said, left, remedy) => {
            let rows = match fault.rows {
                0 => String::new(),
                rows => format!(", with {} generated in each table", count(rows, "row")),
            };
            let what = format!("    {} fails at statement {}{rows}", when(fault.phase), blame.statement);
            let left: String = left.iter().map(|one| format!("\n{}", difference(one, fault.phase, remedy))).collect();
            let remedy = self::remedy(remedy, fault.phase);
            format!("{what}\n{}\n    server: {}{left}{remedy}", self::blame(blame), plain(said))
        }
        Trouble::Stuck(said) => format!("    {} stops\n{}", when(fault.phase), indented(said)),
        Trouble::Loses => "    it loses values, which --no-loss forbids:".to_owned(),
        Trouble::Differs(list, remedy) => {
            let list: Vec<String> = list.iter().map(|one| differs(one, fault.phase, remedy)).collect();
            list.join("\n") + &self::remedy(remedy, fault.phase)
        }
    }
}

fn differs(differs: &Differs, phase: Phase, remedy: &Remedy) -> String {
    let difference = difference(&differs.difference, phase, remedy);
    match &differs.blame {
        Some(blame) => format!("{difference}\n    last named here\n{}", self::blame(blame)),
        None => difference,
    }
}

/// What a down lacks, for a person to copy.
fn remedy(remedy: &Remedy, phase: Phase) -> String {
    let is_down = matches!(phase, Phase::Down | Phase::WayDown);
    match remedy.shown().filter(|list| !list.is_empty()) {
        Some(list) if is_down => {
            let list: String = list.iter().map(|sql| format!("\n{}", indented(&format!("{sql};")))).collect();
            format!("\n    tried after the down, this makes everything as it was before{list}")
        }
        None if is_down && *remedy == Remedy::NoneFound => "\n    no statement tried leads there".to_owned(),
        Some(_) | None => String::new(),
    }
}

fn difference(difference: &Difference, phase: Phase, remedy: &Remedy) -> String {
    let difference = &difference.without_secrets();
    let before = match phase {
        Phase::Down | Phase::WayDown | Phase::TakenBack(_) => "is not as it was before",
        Phase::Up | Phase::UpAgain | Phase::GoneOn(_) | Phase::WayUp => "is not as it was after the first up",
    };
    let what = match (&difference.was, &difference.is) {
        (Some(_), None) => "is gone".to_owned(),
        (None, Some(_)) => "is left over".to_owned(),
        _ => before.to_owned(),
    };
    let mut text = format!("    behind {}, {} {}", when(phase), subject(difference), paint(BOLD, &what));
    text.push_str(&change(difference, remedy));
    text
}

fn subject(difference: &Difference) -> String {
    let object = match difference.object.kind {
        Kind::Database => "the database".to_owned(),
        kind => format!("{} {}", kind.word().to_ascii_lowercase(), plain(&quoted(&difference.object.name))),
    };
    match &difference.part {
        Part::Whole => object,
        Part::Column(name) => format!("column {} of {object}", plain(&quoted(name))),
        Part::Place(name) => format!("the place of column {} of {object}", plain(&quoted(name))),
        Part::Key(name) if name == "PRIMARY" => format!("the primary key of {object}"),
        Part::Key(name) => format!("index {} of {object}", plain(&quoted(name))),
        Part::Constraint(name) => format!("constraint {} of {object}", plain(&quoted(name))),
        Part::Options => format!("what stands behind the columns of {object}"),
        Part::Partitions => format!("the partitioning of {object}"),
        Part::Setting => format!("what {object} was made under"),
    }
}

/// Short ones side by side, long ones line by line.
fn change(difference: &Difference, remedy: &Remedy) -> String {
    match (&difference.was, &difference.is) {
        (Some(was), Some(is)) if was.contains('\n') || is.contains('\n') => {
            let diff = similar::TextDiff::from_lines(was, is);
            let lines = diff.unified_diff().context_radius(2).to_string();
            format!("\n{}", indented(lines.trim_end()))
        }
        (Some(was), Some(is)) => format!("\n        was  {}\n        is   {}", plain(was), plain(is)),
        (Some(was), None) if difference.part != Part::Whole => format!("\n        was  {}", plain(was)),
        (None, Some(is)) if difference.part != Part::Whole => format!("\n        is   {}", plain(is)),
        // A whole object is shown where no statement is: the statement would say the same.
        (Some(was), None) if *remedy == Remedy::NoneFound => format!("\n        was\n{}", indented(was)),
        (None, Some(is)) if *remedy == Remedy::NoneFound => format!("\n        is\n{}", indented(is)),
        (Some(_) | None, None) | (None, Some(_)) => String::new(),
    }
}

fn indented(text: &str) -> String {
    plain(text).lines().map(|line| format!("        {line}")).collect::<Vec<_>>().join("\n")
}

fn blame(blame: &Blame) -> String {
    let Blame { path, line, column, text, .. } = blame.clone();
    let lines = place(&Place { path, line, column, text });
    lines.lines().map(|line| format!("    {line}")).collect::<Vec<_>>().join("\n")
}
