//! While the tree grows: the readers that it is to replace and the tree are asked the same, over all SQL of this repository and
//! over statements that are made of its pieces. Where they differ, the old reader's fault is listed with its reason.

use super::tree::{Form, ObjectKind, Scope, Verb};
use super::*;
use crate::script::lexer::Code;
use crate::script::split::split_in_any_mode;
use crate::statement::class::Kind as Class;
use crate::statement::ddl::{Ddl, Object};
use std::path::{Path, PathBuf};

/// Every statement of the repository's SQL files, and every text in its tests and documents that begins like one.
pub(super) fn corpus() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<PathBuf> = ["sql", "tests", "docs", "src", "examples"].map(|name| root.join(name)).to_vec();
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let Ok(text) = std::fs::read_to_string(&path) else { continue };
            match path.extension().and_then(|ext| ext.to_str()) {
                Some("sql") => found.extend(statements(&text)),
                Some("rs" | "md") => found.extend(quoted(&text)),
                _ => {}
            }
        }
    }
    found.sort();
    found.dedup();
    found
}

fn statements(text: &str) -> Vec<String> {
    let Ok(script) = split_in_any_mode(text) else { return Vec::new() };
    script.statements().iter().map(|one| script.text(one).to_owned()).collect()
}

fn quoted(text: &str) -> Vec<String> {
    const FIRST: [&str; 26] = [
        "ALTER ",
        "CREATE ",
        "DROP ",
        "RENAME ",
        "TRUNCATE ",
        "INSERT ",
        "REPLACE ",
        "UPDATE ",
        "DELETE ",
        "SELECT ",
        "WITH ",
        "SET ",
        "USE ",
        "LOAD ",
        "CALL ",
        "GRANT ",
        "REVOKE ",
        "LOCK ",
        "FLUSH ",
        "ANALYZE ",
        "OPTIMIZE ",
        "PREPARE ",
        "EXECUTE ",
        "BEGIN",
        "COMMIT",
        "(SELECT ",
    ];
    let parts = text.split(['"', '`', '\n']).map(str::trim);
    let is_one = |part: &&str| FIRST.iter().any(|first| part.len() > first.len() && part.starts_with(first));
    parts.filter(is_one).flat_map(statements).collect()
}

/// Numbers that are the same in every run.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % (limit as u64)).expect("it is below a usize")
    }
}

/// A statement with some of its tokens dropped, doubled, swapped, or taken from another one.
pub(super) fn mutated(random: &mut Random, corpus: &[Vec<String>]) -> String {
    let mut tokens = corpus[random.below(corpus.len())].clone();
    for _ in 0..1 + random.below(3) {
        if tokens.len() < 3 {
            break;
        }
        let at = random.below(tokens.len());
        match random.below(6) {
            0 => drop(tokens.remove(at)),
            1 => tokens.insert(at, tokens[at].clone()),
            2 => {
                let other = random.below(tokens.len());
                tokens.swap(at, other);
            }
            3 | 4 => {
                let other = &corpus[random.below(corpus.len())];
                let from = random.below(other.len());
                let until = (from + 1 + random.below(6)).min(other.len());
                tokens.splice(at..at, other[from..until].iter().cloned());
            }
            _ => {
                const WORDS: [&str; 14] = [
                    "IF EXISTS",
                    "IF NOT EXISTS",
                    ",",
                    "(",
                    ")",
                    "COLUMN",
                    "WAIT 5",
                    "PARTITION",
                    "ONLINE",
                    "IGNORE",
                    "/*!50000",
                    "*/",
                    "ENGINE=MyISAM",
                    "DROP",
                ];
                tokens.insert(at, WORDS[random.below(WORDS.len())].to_owned());
            }
        }
    }
    tokens.join(" ")
}

pub(super) fn tokenized(corpus: &[String]) -> Vec<Vec<String>> {
    let tokens = |sql: &String| Code::new(sql, Modes::default()).map(|(_, text)| text.to_owned()).collect::<Vec<_>>();
    corpus.iter().filter(|sql| sql.len() < 2_000).map(tokens).filter(|tokens| !tokens.is_empty()).collect()
}

/// Asks both of every statement; gives back where they differ.
fn differences(sql: &str, modes: Modes) -> Vec<String> {
    let tree = Statement::parse(sql, modes);
    let mut found = Vec::new();
    let mut hold = |what: &str, old: String, new: String| {
        if old != new {
            found.push(format!("{what}: {sql}\n   old {old}\n  tree {new}"));
        }
    };
    let (old, new) = (old_class(&Class::of(sql, modes)), class(&tree));
    // `DROP TABLE s..t` was about the table `s`.`.`.
    let ends_in_a_dot = tree.tokens.windows(2).any(|two| two[0].is(".") && !two[1].is_name())
        || tree.tokens.last().is_some_and(|last| last.is("."));
    if !is_old_fault_of_class(&tree) && !ends_in_a_dot {
        hold("class", old, new);
    }
    found
}

/// Where no server takes the statement, the old readers guess.
fn is_old_fault_of_class(tree: &Statement) -> bool {
    let first = tree.first();
    match &tree.form {
        // Any words before the kind of object were skipped.
        Form::Object(one) => one.object == ObjectKind::Other,
        // Any words after FORMAT made it a statement about rows.
        Form::Other => first.as_str() == "ANALYZE",
        // LOCAL was one of the first four words.
        // `TRUNCATE user` was about accounts.
        Form::Truncate(_) => !tree.tokens[1].is_word("TABLE") || tree.tokens[2].is_word("IF"),
        Form::Load(load) => {
            let is_twice =
                tree.tokens.windows(2).any(|two| two[0].is_word("LOW_PRIORITY") && two[1].is_word("LOW_PRIORITY"));
            let place = |word: &str| tree.tokens.iter().position(|token| token.is_word(word));
            is_twice
                || place("LOCAL")
                    .is_some_and(|local| !load.is_local || place("INFILE").is_none_or(|infile| infile < local))
        }
        Form::Maintenance(_) => first.as_str() == "ANALYZE",
        Form::RenameTables(one) => one.has_other,
        // `(SET GLOBAL a = 1)`
        Form::Set(_) => tree.start > 0,
        _ => false,
    }
}

fn old_class(class: &Class) -> String {
    match class {
        Class::Ddl(Ddl { verb, object, if_exists, if_not_exists, or_replace, targets, .. }) => {
            let verb = match verb.as_str() {
                "CREATE" | "ALTER" | "DROP" | "RENAME" | "TRUNCATE" => verb.as_str(),
                _ => return "Ddl".to_owned(),
            };
            if *object == Object::Other {
                return format!("{verb} Other");
            }
            // What follows a comma is another clause, but for DROP.
            let targets = if verb == "DROP" { &targets[..] } else { &targets[..targets.len().min(1)] };
            format!("{verb} {object:?} {if_exists} {if_not_exists} {or_replace} {targets:?}")
        }
        Class::LoadLocal | Class::Dml => format!("{class:?}"),
        other => format!("{other:?}"),
    }
}

fn class(tree: &Statement) -> String {
    let named = |verb: &str, object: Object, guard: tree::Guard, or_replace: bool, names: &[tree::Name]| {
        let names: Vec<_> = names.iter().map(tree::Name::plain).collect();
        let (exists, not) = (guard == tree::Guard::IfExists, guard == tree::Guard::IfNotExists);
        format!("{verb} {object:?} {exists} {not} {or_replace} {names:?}")
    };
    match &tree.form {
        Form::CreateTable(one) if one.is_temporary => "Session".to_owned(),
        Form::DropTable(one) if one.is_temporary => "Session".to_owned(),
        Form::Object(one) if one.is_temporary && matches!(one.verb, Verb::Create | Verb::Drop) => "Session".to_owned(),
        Form::CreateTable(one) => named("CREATE", Object::Table, one.guard, one.or_replace, &[one.table]),
        Form::AlterTable(one) => named("ALTER", Object::Table, one.guard, false, &[one.table]),
        Form::DropTable(one) => named("DROP", Object::Table, one.guard, false, &one.tables),
        Form::RenameTables(one) => named("RENAME", Object::Table, one.guard, false, &[one.pairs[0].0]),
        Form::Truncate(name) => named("TRUNCATE", Object::Table, tree::Guard::None, false, &[*name]),
        Form::CreateIndex(one) => {
            let index = tree::Name { schema: None, name: one.name };
            named("CREATE", Object::Index, one.guard, one.or_replace, &[index])
        }
        Form::DropIndex(one) => {
            named("DROP", Object::Index, one.guard, false, &[tree::Name { schema: None, name: one.name }])
        }
        Form::Object(one) => {
            let verb = format!("{:?}", one.verb).to_uppercase();
            match Object::from(one.object) {
                Object::Other => format!("{verb} Other"),
                object => named(&verb, object, one.guard, one.or_replace, &one.names),
            }
        }
        Form::Rights | Form::Other => "Ddl".to_owned(),
        Form::Set(all) if all.iter().any(|one| one.scope == Scope::Global) => "Global".to_owned(),
        Form::Set(_) | Form::Use(_) | Form::Prepare(_) | Form::Deallocate(_) | Form::Show | Form::Diagnostics => {
            "Session".to_owned()
        }
        Form::Dml(_) => "Dml".to_owned(),
        Form::Load(load) => if load.is_local { "LoadLocal" } else { "Dml" }.to_owned(),
        Form::SetStatement(_) | Form::Call(_) | Form::Execute(_) | Form::Compound => "Call".to_owned(),
        Form::Transaction(one) => format!("Transaction({one:?})"),
        Form::Lock => "Lock".to_owned(),
        Form::Maintenance(_) => "Maintenance".to_owned(),
    }
}

/// `UTURN_STATEMENTS=1000000` asks about as many that are made as well; what no server takes may differ there.
#[test]
fn old_readers_and_the_tree_agree() {
    let corpus = corpus();
    assert!(corpus.len() > 500, "{} statements", corpus.len());
    let rounds: usize = option_env!("UTURN_STATEMENTS").map_or(0, |count| count.parse().expect("a number"));
    let mut random = Random(0x5EED);
    let pieces = tokenized(&corpus);
    let made = (0..rounds).map(|_| mutated(&mut random, &pieces));
    let modes = Modes::default();
    let mut found: Vec<String> = corpus.iter().cloned().chain(made).flat_map(|sql| differences(&sql, modes)).collect();
    found.sort_by_key(String::len);
    let shown: Vec<&String> = found.iter().take(60).collect();
    assert!(
        found.is_empty(),
        "{} differences of {} statements\n{}",
        found.len(),
        corpus.len() + rounds,
        shown.into_iter().cloned().collect::<Vec<_>>().join("\n")
    );
}
