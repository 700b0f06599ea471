//! docs/reference: the page of commands is the help itself, and the page of settings has every variable.

use crate::support::app::{bare, run};
use crate::support::docs::root;

/// What is the same for every command is on the page once.
const COMMON: &str = "\nCommon options:\n";

fn help(words: &[&str]) -> String {
    let whole = run(bare().env_remove("UTURN_BUILT_IN").args(words).arg("--help")).exits(0).out;
    whole.lines().map(str::trim_end).collect::<Vec<_>>().join("\n")
}

/// The help without its common options.
fn own(help: &str) -> String {
    let Some((head, tail)) = help.split_once(COMMON) else { return help.to_owned() };
    let after = ["\nExample:", "\nSettings come"].iter().find_map(|mark| tail.find(mark)).unwrap_or(tail.len());
    format!("{head}{}", &tail[after..])
}

fn section(title: &str, text: &str) -> String {
    format!("## {title}\n\n```text\n{}\n```\n\n", text.trim())
}

fn page() -> String {
    let whole = help(&[]);
    let list = whole.split("Commands:\n").nth(1).and_then(|rest| rest.split("\n\n").next()).expect("a list");
    let names: Vec<&str> = list.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.len() > 15, "{names:?}");
    let common = whole.split_once(COMMON).expect("common options").1;
    let common = common.split("\nSettings come").next().expect("their end");
    let mut page =
        "# Commands\n\n<!-- Made from the help by the test `reference`: INSTA_UPDATE=always writes it. -->\n\n\
        The words of `uturn --help` and `uturn COMMAND --help`. The common options are at the end.\n\n"
            .to_owned();
    page.push_str(&section("uturn", &own(&whole)));
    for name in names {
        page.push_str(&section(&format!("uturn {name}"), &own(&help(&[name]))));
        if name == "plan" {
            for what in ["up", "undo"] {
                page.push_str(&section(&format!("uturn plan {what}"), &own(&help(&[name, what]))));
            }
        }
    }
    page.push_str(&section("Common options", common));
    format!("{}\n", page.trim_end())
}

#[test]
fn the_page_of_commands_is_the_help() {
    let (path, page) = (root().join("docs/reference/commands.md"), page());
    if std::fs::read_to_string(&path).is_ok_and(|there| there == page) {
        return;
    }
    let is_written = std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always");
    assert!(is_written, "docs/reference/commands.md is not the help any more; INSTA_UPDATE=always writes it");
    std::fs::write(&path, page).expect("the page can be written");
}

#[test]
fn the_page_of_settings_has_every_variable() {
    let page = std::fs::read_to_string(root().join("docs/reference/settings.md")).expect("the page");
    let example = std::fs::read_to_string(root().join(".env.example")).expect("the example");
    let names: Vec<&str> =
        example.lines().filter_map(|line| line.strip_prefix('#')?.split_once('=')).map(|(name, _)| name).collect();
    let is_name = |name: &&&str| name.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    let names: Vec<&&str> = names.iter().filter(is_name).collect();
    assert!(names.len() > 40, "{names:?}");
    for name in names {
        assert!(page.contains(name), "{name} is not in docs/reference/settings.md");
    }
}
