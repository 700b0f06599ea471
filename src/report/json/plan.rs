//! `plan` as JSON: one object a statement, one for the sum, one for each gate that says no.

use crate::cost::estimate::{Blocker, Blocks, Commits, Cost, Count, Loss, Rebuilt, Remark, Touched};
use crate::cost::limits::{Breach, Gate, Why};
use crate::event::{Planned, PlannedScript, Summed, Unseen};
use serde_json::{Value, json};

/// One object a statement.
pub fn statements(script: &PlannedScript) -> Vec<Value> {
    script.statements.iter().map(|one| statement(script, one)).collect()
}

fn statement(script: &PlannedScript, one: &Planned) -> Value {
    let assessed = &one.assessed;
    let transaction = match assessed.commits {
        Commits::In(number) => Some(number),
        _ => None,
    };
    json!({
        "event": "plan", "migration": script.name.stem(), "direction": script.direction.word(), "path": script.path,
        "statement": one.number, "of": script.of, "line": one.at.line, "column": one.at.column, "sql": one.head,
        "kind": one.kind, "commits": commits(assessed.commits), "transaction": transaction,
        "cost": cost(&assessed.cost), "blocks": assessed.blocks().map(blocks), "rebuilt_bytes": assessed.rebuilt_bytes(),
        "tables": assessed.tables.iter().map(table).collect::<Vec<_>>(),
        "rows": assessed.rows.as_ref().map(count),
        "destroys": assessed.losses.iter().map(loss).collect::<Vec<_>>(),
        "blockers": assessed.blockers.iter().map(blocker).collect::<Vec<_>>(),
        "remarks": assessed.remarks.iter().map(remark).collect::<Vec<_>>(),
    })
}

fn commits(commits: Commits) -> &'static str {
    match commits {
        Commits::ByItself => "by_itself",
        Commits::In(_) => "in_transaction",
        Commits::AsItsContent => "as_its_content",
        Commits::Session => "session",
        Commits::Boundary => "boundary",
        Commits::LeftOut => "left_out",
    }
}

fn cost(cost: &Cost) -> Value {
    let rebuilds = |rebuilt: &Rebuilt| match rebuilt {
        Rebuilt::Nothing => json!("nothing"),
        Rebuilt::Whole => json!("table"),
        Rebuilt::Partitions(names) => json!(names),
        Rebuilt::Unknown => Value::Null,
    };
    match cost {
        Cost::None => json!({"answer": "none"}),
        Cost::Dictionary => json!({"answer": "definition"}),
        Cost::Accepted(algorithm, blocks, rebuilt) => json!({
            "answer": "accepted", "algorithm": algorithm.word().to_lowercase(), "lock": blocks.word().to_lowercase(),
            "rebuilds": rebuilds(rebuilt),
        }),
        Cost::Unasked(rebuilt) => json!({"answer": "not_asked", "rebuilds": rebuilds(rebuilt)}),
        Cost::Fails(said) => json!({"answer": "fails", "why": said}),
        Cost::PassedOver(said) => json!({"answer": "passed_over", "why": said}),
        Cost::Untried(why) => json!({"answer": "not_tried", "why": why}),
    }
}

fn blocks(blocks: Blocks) -> &'static str {
    match blocks {
        Blocks::Nothing => "nothing",
        Blocks::Writes => "writes",
        Blocks::Everything => "reads_and_writes",
    }
}

fn table(table: &Touched) -> Value {
    let size = table.size.as_ref();
    json!({
        "table": table.name, "new": table.is_new, "rows": size.map(|size| size.rows), "bytes": size.map(|size| size.bytes),
        "engine": size.map(|size| &size.engine), "referenced_by": table.referenced_by,
    })
}

fn count(count: &Count) -> Value {
    match count {
        Count::Exactly(rows) => json!({"count": rows, "is": "exact"}),
        Count::MoreThan(rows) => json!({"count": rows, "is": "more"}),
        Count::About(rows) => json!({"count": rows, "is": "estimate"}),
        Count::Unknown => json!({"count": null, "is": "unknown"}),
    }
}

fn loss(loss: &Loss) -> Value {
    match loss {
        Loss::Table(table, rows) => json!({"what": "table", "table": table, "rows": count(rows)}),
        Loss::Column(table, column, rows) => {
            json!({"what": "column", "table": table, "name": column, "rows": count(rows)})
        }
        Loss::Partition(table, partition, rows) => {
            json!({"what": "partition", "table": table, "name": partition, "rows": count(rows)})
        }
        Loss::Rows(table, rows) => json!({"what": "rows", "table": table, "rows": count(rows)}),
        Loss::Database(name) => json!({"what": "database", "name": name}),
        Loss::Unknown(why) => json!({"what": "not_known", "why": why}),
    }
}

fn blocker(blocker: &Blocker) -> Value {
    json!({
        "table": blocker.table, "connection": blocker.connection, "account": blocker.account,
        "seconds": blocker.seconds, "doing": blocker.doing,
    })
}

fn remark(remark: &Remark) -> Value {
    match remark {
        Remark::WhyNot(why) => json!({"remark": "not_cheaper", "why": why}),
        Remark::Split => json!({"remark": "split"}),
        Remark::RowVersions(versions, limit) => {
            json!({"remark": "row_versions", "versions": versions, "limit": limit})
        }
        Remark::RowVersionsUnknown(why) => json!({"remark": "row_versions_unknown", "why": why}),
        Remark::Disowned(word) => json!({"remark": "disowned", "algorithm": word.to_lowercase()}),
        Remark::HadFulltext => json!({"remark": "had_fulltext"}),
    }
}

/// The sum.
pub fn summed(summed: &Summed) -> Value {
    let sum = &summed.sum;
    let unseen = |unseen: &Unseen| match unseen {
        Unseen::Scratch(said, grant) => json!({"unseen": "scratch", "why": said, "grant": grant}),
        Unseen::NoScratch(why) => json!({"unseen": "scratch", "why": why, "grant": null}),
        Unseen::Inner(grant) => json!({"unseen": "fulltext", "why": null, "grant": grant}),
        Unseen::Users(grant) => json!({"unseen": "blockers", "why": null, "grant": grant}),
    };
    json!({
        "event": "plan_sum", "statements": sum.statements, "rebuilds": sum.rebuilds, "rebuilt_bytes": sum.bytes,
        "blocking": sum.blocking, "unknown": sum.unknown, "failing": sum.failing,
        "destroyed": {"tables": sum.tables, "columns": sum.columns, "rows": sum.rows},
        "unseen": summed.unseen.iter().map(unseen).collect::<Vec<_>>(),
        "transactions": summed.transactions.iter().map(blocker).collect::<Vec<_>>(),
    })
}

/// A gate that says no.
pub fn breach(breach: &Breach) -> Value {
    let gate = match breach.gate {
        Gate::MaxRebuild => "max_rebuild",
        Gate::RequireOnline => "require_online",
        Gate::NoDestructive => "no_destructive",
    };
    let mut value = match &breach.why {
        Why::Rebuilds(bytes, limit) => json!({"why": "rebuilds", "rebuilt_bytes": bytes, "limit": limit}),
        Why::Blocks(what) => json!({"why": "blocks", "blocks": blocks(*what)}),
        Why::Destroys(what) => json!({"why": "destroys", "destroys": loss(what)}),
        Why::Fails => json!({"why": "fails"}),
        Why::Unknown => json!({"why": "unknown"}),
    };
    value["event"] = json!("gate");
    value["gate"] = json!(gate);
    value["migration"] = json!(breach.name.stem());
    value["statement"] = json!(breach.statement);
    value
}
