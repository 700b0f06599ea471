//! `scripts/docs`: the site of the documents, or how to install what makes it.

use crate::support::docs::root;
use std::process::Command;

#[test]
fn without_mdbook_the_script_shows_how_to_install_it() {
    let folder = tempfile::tempdir().expect("a folder");
    for tool in ["bash", "dirname", "sed"] {
        let found = Command::new("sh").args(["-c", &format!("command -v {tool}")]).output().expect("sh starts");
        let path = String::from_utf8(found.stdout).expect("UTF-8");
        std::os::unix::fs::symlink(path.trim(), folder.path().join(tool)).expect("a link");
    }
    let script = root().join("scripts/docs");
    let output = Command::new("bash").arg(&script).env("PATH", folder.path()).output().expect("bash starts");
    let err = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{err}");
    assert!(err.contains("cargo install mdbook"), "{err}");
    let help =
        Command::new("bash").arg(&script).arg("--help").env("PATH", folder.path()).output().expect("bash starts");
    assert!(help.status.success() && String::from_utf8_lossy(&help.stdout).contains("scripts/docs [--open]"));
}
