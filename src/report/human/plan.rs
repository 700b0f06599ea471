//! Words for `plan`: a table a script, in Markdown, so that it reads the same on a terminal and in a pull request.

use crate::cost::estimate::{
    Algorithm, Assessed, Blocker, Blocks, Commits, Cost, Count, Loss, Rebuilt, Remark, Touched,
};
use crate::cost::limits::{Breach, Gate, Why};
use crate::event::{Planned, PlannedScript, Summed, Unseen};
use crate::migration::name::Direction;
use crate::report::format::{bytes, count, plain, thousands};
use std::collections::BTreeSet;
use unicode_width::UnicodeWidthStr;

const HEAD: [&str; 7] = ["#", "at", "statement", "commits", "how", "blocks", "table"];

/// One script.
pub fn script(script: &PlannedScript) -> String {
    let way = match script.direction {
        Direction::Up => "up",
        Direction::Down => "undo",
    };
    let mut text = format!("### {way} {}\n\n{}\n", script.name, plain(&script.path));
    if script.from > 1 {
        text.push_str(&format!("It stopped part-way, and resumes at statement {} of {}.\n", script.from, script.of));
    }
    let mut rows = vec![HEAD.map(str::to_owned)];
    rows.extend(script.statements.iter().map(row));
    text.push('\n');
    text.push_str(&table(&rows));
    let mut told = BTreeSet::new();
    let details: Vec<String> = script.statements.iter().flat_map(|one| details(one, &mut told)).collect();
    if !details.is_empty() {
        text.push('\n');
    }
    for line in details {
        text.push_str(&format!("- {line}\n"));
    }
    text
}

fn table(rows: &[[String; 7]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].width()).max().unwrap_or_default();
    let widths: [usize; 7] = std::array::from_fn(width);
    let line = |row: &[String; 7]| {
        let cell = |(text, width): (&String, &usize)| format!("{text}{}", " ".repeat(width - text.width()));
        let cells: Vec<String> = row.iter().zip(&widths).map(cell).collect();
        format!("| {} |\n", cells.join(" | "))
    };
    let rule = format!("| {} |\n", widths.map(|width| "-".repeat(width)).join(" | "));
    let mut lines: Vec<String> = rows.iter().map(line).collect();
    lines.insert(1, rule);
    lines.concat()
}

fn row(one: &Planned) -> [String; 7] {
    let cell = |text: String| plain(&text).replace(['\n', '\t'], " ").replace('|', "\\|");
    let assessed = &one.assessed;
    let names: Vec<String> = assessed.tables.iter().map(of_table).collect();
    [
        one.number.to_string(),
        one.at.to_string(),
        cell(cut(&one.head)),
        commits(assessed.commits),
        cell(how(assessed)),
        blocks(assessed).to_owned(),
        cell(names.join("; ")),
    ]
}

/// A table is no place for a whole statement.
fn cut(head: &str) -> String {
    const MOST: usize = 60;
    if head.chars().count() <= MOST {
        return head.to_owned();
    }
    head.chars().take(MOST - 1).chain(['…']).collect()
}

fn commits(commits: Commits) -> String {
    match commits {
        Commits::ByItself => "by itself".to_owned(),
        Commits::In(number) => format!("transaction {number}"),
        Commits::AsItsContent => "as its content".to_owned(),
        Commits::Session | Commits::Boundary | Commits::LeftOut => String::new(),
    }
}

fn how(one: &Assessed) -> String {
    match (&one.cost, one.commits) {
        (Cost::None, Commits::LeftOut) => "left out".to_owned(),
        (Cost::None, Commits::Session) => "session".to_owned(),
        (Cost::None, Commits::Boundary) => "commit".to_owned(),
        (Cost::None, Commits::AsItsContent) => "not known".to_owned(),
        (Cost::None, Commits::In(_) | Commits::ByItself) => one.rows.as_ref().map(rows_of).unwrap_or_default(),
        (Cost::Dictionary, _) => "definition".to_owned(),
        (Cost::Accepted(algorithm, _, rebuilt), _) => in_words(*algorithm, rebuilt),
        (Cost::Unasked(rebuilt), _) => format!("not asked; {}", what_is_rebuilt(rebuilt)),
        (Cost::Fails(_), _) => "FAILS".to_owned(),
        (Cost::PassedOver(_), _) => "passed over".to_owned(),
        (Cost::Untried(_), _) => "not tried".to_owned(),
    }
}

/// `instant`, `in place`, `rebuild in place`, `copy`.
fn in_words(algorithm: Algorithm, rebuilt: &Rebuilt) -> String {
    match (algorithm, rebuilt) {
        (Algorithm::Instant, _) => "instant".to_owned(),
        (Algorithm::NoCopy, _) | (Algorithm::Inplace, Rebuilt::Nothing) => "in place".to_owned(),
        (Algorithm::Inplace, Rebuilt::Whole) => "rebuild in place".to_owned(),
        (Algorithm::Inplace, Rebuilt::Partitions(names)) => format!("rebuild of {} in place", names.join(", ")),
        (Algorithm::Inplace, Rebuilt::Unknown) => "in place, or a rebuild".to_owned(),
        (Algorithm::Copy, _) => "copy".to_owned(),
    }
}

fn what_is_rebuilt(rebuilt: &Rebuilt) -> String {
    match rebuilt {
        Rebuilt::Nothing => "no rebuild".to_owned(),
        Rebuilt::Whole => "rebuild".to_owned(),
        Rebuilt::Partitions(names) => format!("rebuild of {}", names.join(", ")),
        Rebuilt::Unknown => "perhaps a rebuild".to_owned(),
    }
}

fn blocks(one: &Assessed) -> &'static str {
    match (&one.cost, one.blocks()) {
        (Cost::None, Some(_)) | (Cost::PassedOver(_), _) => "",
        (_, Some(blocks)) => blocks_what(blocks),
        (_, None) => "not known",
    }
}

fn blocks_what(blocks: Blocks) -> &'static str {
    match blocks {
        Blocks::Nothing => "nothing",
        Blocks::Writes => "writes",
        Blocks::Everything => "reads and writes",
    }
}

fn of_table(table: &Touched) -> String {
    match (&table.size, table.is_new) {
        (_, true) => format!("{}: made by this plan", table.name),
        (Some(size), _) => format!("{}: about {}, {}", table.name, count(size.rows, "row"), bytes(size.bytes)),
        (None, _) => table.name.clone(),
    }
}

fn rows_of(count: &Count) -> String {
    match count {
        Count::Exactly(rows) => self::count(*rows, "row"),
        Count::MoreThan(rows) => format!("more than {}", self::count(*rows, "row")),
        Count::About(rows) => format!("about {}", self::count(*rows, "row")),
        Count::Unknown => "rows not known".to_owned(),
    }
}

/// What does not fit into the table.
fn details(one: &Planned, told: &mut BTreeSet<String>) -> Vec<String> {
    let mut lines = Vec::new();
    match &one.assessed.cost {
        Cost::Fails(said) => lines.push(format!("fails on an empty clone: {said}")),
        Cost::PassedOver(said) => lines.push(format!("has nothing to revert, and is skipped: {said}")),
        Cost::Untried(why) => lines.push(format!("could not be tried: {why}")),
        Cost::Unasked(_) => lines.push(
            "the server takes no ALGORITHM and LOCK here, so what it blocks cannot be asked; it was only tried"
                .to_owned(),
        ),
        Cost::Accepted(_, _, rebuilt) if *rebuilt != Rebuilt::Nothing => {
            if let Some(rebuilt) = one.assessed.rebuilt_bytes().filter(|rebuilt| *rebuilt > 0) {
                lines.push(format!("rebuilds {}", bytes(rebuilt)));
            }
        }
        Cost::Accepted(..) | Cost::None | Cost::Dictionary => {}
    }
    lines.extend(one.assessed.remarks.iter().map(remark));
    for table in one.assessed.tables.iter().filter(|table| !table.referenced_by.is_empty()) {
        // Once is enough.
        if !told.insert(table.name.clone()) {
            continue;
        }
        lines.push(format!("foreign keys point to {}: from {}", table.name, table.referenced_by.join(", ")));
    }
    lines.extend(one.assessed.losses.iter().map(|loss| format!("destroys {}", self::loss(loss))));
    lines.extend(one.assessed.blockers.iter().map(|blocker| format!("would wait now for {}", self::blocker(blocker))));
    lines.iter().map(|line| format!("{}: {}", one.number, plain(line))).collect()
}

fn remark(remark: &Remark) -> String {
    match remark {
        Remark::WhyNot(why) => format!("not cheaper, says the server: {why}"),
        Remark::Split => "as two statements, ADD COLUMN and then ADD INDEX, it may do without the rebuild".to_owned(),
        Remark::RowVersions(versions, limit) if versions >= limit => format!(
            "the rows have {versions} versions, the most that MySQL takes: it no longer adds or drops a column instantly, \
             and rebuilds without a word"
        ),
        Remark::RowVersions(versions, limit) => {
            format!("the rows have {versions} of {limit} possible versions; at the limit MySQL rebuilds instead")
        }
        Remark::RowVersionsUnknown(why) => {
            format!(
                "whether MySQL's limit of row versions is reached, so that it rebuilds instead, is not known: {why}"
            )
        }
        Remark::Disowned(word) => format!("the server takes ALGORITHM={word} for it, and copies all the same"),
        Remark::HadFulltext => {
            "the table had a FULLTEXT index once, and is changed as if it still had it (OPTIMIZE TABLE does not help)"
                .to_owned()
        }
    }
}

fn loss(loss: &Loss) -> String {
    match loss {
        Loss::Table(table, rows) => format!("table {table}, {}", rows_of(rows)),
        Loss::Column(table, column, rows) => format!("column {table}.{column}, {} with a value", rows_of(rows)),
        Loss::Partition(table, partition, rows) => format!("partition {partition} of {table}, {}", rows_of(rows)),
        Loss::Rows(table, rows) => format!("{} of {table}", rows_of(rows)),
        Loss::Database(name) => format!("database {name}"),
        Loss::Unknown(why) => format!("perhaps something: {why}"),
    }
}

fn blocker(blocker: &Blocker) -> String {
    let table = blocker.table.as_ref().map(|table| format!(" uses {table}")).unwrap_or_default();
    let doing = blocker.doing.as_ref().map(|doing| format!(", at: {doing}")).unwrap_or_default();
    let who = if blocker.account.is_empty() { String::new() } else { format!(" ({})", blocker.account) };
    format!("connection {}{who}, which{table} for {} s{doing}", blocker.connection, blocker.seconds)
}

/// The end of a plan.
pub fn summed(summed: &Summed) -> String {
    let sum = &summed.sum;
    let mut parts = vec![count(sum.statements, "statement")];
    let mut add = |number: u64, words: String| {
        if number > 0 {
            parts.push(words);
        }
    };
    add(sum.rebuilds, format!("{}, {} in all", count(sum.rebuilds, "rebuild"), bytes(sum.bytes)));
    add(sum.blocking, format!("{} blocking", thousands(sum.blocking)));
    add(sum.failing, format!("{} failing", thousands(sum.failing)));
    add(sum.unknown, format!("{} not known", thousands(sum.unknown)));
    let mut lost = Vec::new();
    for (number, what) in [(sum.tables, "table"), (sum.columns, "column"), (sum.rows, "row")] {
        if number > 0 {
            lost.push(count(number, what));
        }
    }
    if !lost.is_empty() {
        parts.push(format!("destroys {}", lost.join(", ")));
    }
    let mut text = format!("**{}**\n", parts.join("; "));
    for unseen in &summed.unseen {
        text.push_str(&format!("\n{}\n", plain(&self::unseen(unseen))));
    }
    if !summed.transactions.is_empty() {
        text.push_str("\nOpen transactions now; which tables they use the server does not say:\n\n");
    }
    for transaction in &summed.transactions {
        text.push_str(&format!("- {}\n", plain(&blocker(transaction)).replace("which for", "open for")));
    }
    text
}

fn unseen(unseen: &Unseen) -> String {
    match unseen {
        Unseen::Scratch(said, grant) => format!(
            "Not known: how the server would do it, and what it would block. It needs a scratch database, and the server \
             said: {said}. This would help: {grant}"
        ),
        Unseen::NoScratch(why) => format!(
            "Not known: how the server would do it, and what it would block. It needs a scratch database, which uturn does \
             not write here: {why}"
        ),
        Unseen::Inner(grant) => format!(
            "Not known: whether a table had a FULLTEXT index once (then nothing is instant on it). This would help: {grant}"
        ),
        Unseen::Users(grant) => format!("Not known: which sessions use the tables now. This would help: {grant}"),
    }
}

/// A gate that says no.
pub fn breach(breach: &Breach) -> String {
    let gate = match breach.gate {
        Gate::MaxRebuild => "--max-rebuild",
        Gate::RequireOnline => "--require-online",
        Gate::NoDestructive => "--no-destructive",
    };
    let why = match &breach.why {
        Why::Rebuilds(bytes_here, limit) => {
            format!("rebuilds {}, and all together more than {}", bytes(*bytes_here), bytes(*limit))
        }
        Why::Blocks(blocks) => format!("blocks {}", blocks_what(*blocks)),
        Why::Destroys(loss) => format!("destroys {}", self::loss(loss)),
        Why::Fails => "fails on an empty clone".to_owned(),
        Why::Unknown => "cannot be answered for it".to_owned(),
    };
    format!("NO {gate}: statement {} of {}: {}", breach.statement, breach.name, plain(&why))
}
