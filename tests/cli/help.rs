//! What people read first: the help of each command, the completions, the manual page. A changed word is seen here.

use crate::support::app::{bare, run};

const COMMANDS: [&str; 18] = [
    "check",
    "up",
    "status",
    "undo",
    "redo",
    "reset",
    "new",
    "prove",
    "plan",
    "resolve",
    "create",
    "drop",
    "protect",
    "unprotect",
    "wait",
    "log",
    "completions",
    "man",
];

#[test]
fn the_help_of_every_command() {
    let whole = run(bare().env_remove("UTURN_BUILT_IN").arg("--help")).exits(0);
    assert_eq!(whole.err, "");
    for command in COMMANDS {
        assert!(whole.out.contains(&format!("\n  {command} ")), "{command} is in the list");
    }
    insta::assert_snapshot!("help", whole.out);
    for command in COMMANDS {
        let help = run(bare().env_remove("UTURN_BUILT_IN").args([command, "--help"])).exits(0);
        assert_eq!(help.err, "");
        assert!(help.out.contains("Example: uturn ") && help.out.contains("Exit codes: 0 "), "{command}");
        insta::assert_snapshot!(format!("help-{command}"), help.out);
    }
    for what in ["up", "undo"] {
        let help = run(bare().env_remove("UTURN_BUILT_IN").args(["plan", what, "--help"])).exits(0);
        insta::assert_snapshot!(format!("help-plan-{what}"), help.out);
    }
}

#[test]
fn every_command_is_in_the_snapshots() {
    let whole = run(bare().env_remove("UTURN_BUILT_IN").arg("--help")).exits(0).out;
    let list = whole.split("Commands:\n").nth(1).expect("a list").split("\n\n").next().expect("its end");
    let names: Vec<&str> = list.lines().filter_map(|line| line.split_whitespace().next()).collect();
    for name in names.iter().filter(|name| **name != "check") {
        assert!(COMMANDS.contains(name), "{name}");
    }
}

#[test]
fn the_version_is_the_package_s() {
    let version = format!("uturn {}\n", env!("CARGO_PKG_VERSION"));
    assert!(run(bare().arg("--version")).exits(0).out.starts_with(&version));
    assert_eq!(run(bare().arg("-V")).exits(0).out, version);
}

#[test]
fn completions_and_the_manual_page_need_no_database() {
    for (shell, says) in [("bash", "complete -F _uturn"), ("zsh", "#compdef uturn"), ("fish", "complete -c uturn")] {
        let script = run(bare().args(["completions", shell])).exits(0);
        assert!(script.out.contains(says) && script.out.contains("down-from-files"), "{shell}");
        assert_eq!(script.err, "");
    }
    run(bare().args(["completions", "cmd.exe"])).exits(2).says("bash");
    let page = run(bare().arg("man")).exits(0);
    assert!(page.out.contains(".TH uturn 1") && page.out.contains("Exit codes"), "{}", page.out);
}

#[test]
fn the_words_of_other_tools_name_the_command_that_is_meant() {
    for (word, meant) in [
        ("migrate", "`uturn up`"),
        ("down", "`uturn undo`"),
        ("rollback", "`uturn undo`"),
        ("Info", "`uturn status`"),
        ("force", "`uturn resolve`"),
        ("db:migrate:undo", "`uturn undo`"),
        ("goto", "`uturn up --to M`"),
        ("generate", "`uturn new NAME`"),
        ("clean", "`uturn reset`"),
    ] {
        let said = run(bare().args([word, "--yes"])).exits(2).says("unrecognized subcommand").says(meant);
        assert_eq!(said.err.matches("tip:").count(), 1, "{}", said.err);
    }
    run(bare().arg("upp")).exits(2).says("a similar subcommand exists: 'up'");
    run(bare().arg("nonsense")).exits(2).never_says("tip:");
}
