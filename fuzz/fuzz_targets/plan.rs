//! Any files, history, open run and request: a plan never skips a migration, never repeats one, and keeps the order of
//! time, behind what is open.
#![no_main]

use libfuzzer_sys::fuzz_target;
use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use uturn::migration::name::{Direction, Name, Version};
use uturn::migration::plan::{self, Applied, Back, Known, Late, Open, Row, State, UpTo};

type Input = (Vec<(u8, u8)>, Vec<(u8, u8)>, Option<(u8, bool, bool)>, u8, u8);

fn version(number: u8) -> Version {
    Version::from_history(20_260_101_000_000 + i64::from(number % 60))
}

fn stem(number: u8) -> Name {
    Name::parse(&format!("{}-m", version(number))).expect("seconds of one minute")
}

fn target(number: u8) -> String {
    match number % 4 {
        0 => version(number / 4).to_string(),
        1 => stem(number / 4).to_string(),
        2 => "2026010100000".to_owned(),
        _ => format!("202601010000{}", number / 4 % 60 / 10),
    }
}

fn versions(names: &[Name]) -> Vec<Version> {
    names.iter().map(Name::version).collect()
}

fn is_open(row: &Row) -> bool {
    matches!(row.state, State::Stopped(_) | State::InDoubt(_))
}

fn known(number: u8, checksum: u64) -> Known {
    Known { name: stem(number), checksum: Ok(checksum), faults: Vec::new(), alike: None }
}

fuzz_target!(|input: Input| {
    let (files, history, open, steps, to) = input;
    let files: BTreeMap<Version, Known> =
        files.into_iter().map(|(number, checksum)| (version(number), known(number, u64::from(checksum % 4)))).collect();
    let history: BTreeMap<Version, Applied> = history
        .into_iter()
        .map(|(number, checksum)| {
            let checksum = u64::from(checksum % 4);
            let row = Applied { version: version(number), name: "m".to_owned(), checksum, applied_on: "t".to_owned() };
            (version(number), row)
        })
        .collect();
    let open = open.map(|(number, is_up, in_doubt)| Open {
        name: stem(number),
        direction: if is_up { Direction::Up } else { Direction::Down },
        statement: 1,
        of: 2,
        in_doubt,
        error: None,
    });
    let known: Vec<Known> = files.values().cloned().collect();
    let applied: Vec<Applied> = history.values().cloned().collect();
    let rows = plan::survey(&known, &applied, open.as_ref());

    // Every migration that anybody knows has one row, in time order.
    let mut all: BTreeSet<Version> = files.keys().chain(history.keys()).copied().collect();
    all.extend(open.as_ref().map(|open| open.name.version()));
    assert_eq!(rows.iter().map(|row| row.name.version()).collect::<Vec<_>>(), all.into_iter().collect::<Vec<_>>());

    let steps = NonZeroUsize::new(usize::from(steps % 8) + 1).expect("one more than something");
    ups(&rows, steps, &target(to));
    undos(&rows, steps, &target(to));
});

fn ups(rows: &[Row], steps: NonZeroUsize, target: &str) {
    let Ok(everything) = plan::up(rows, &[], &UpTo::Everything, Late::Run) else {
        assert!(plan::up(rows, &[], &UpTo::Steps(steps), Late::Run).is_err());
        return;
    };
    assert!(!rows.iter().any(|row| matches!(row.state, State::Edited | State::Missing)));
    let order = |wanted: fn(&Row) -> bool| rows.iter().filter(move |row| wanted(row)).map(|row| row.name.version());
    let pending = |row: &Row| matches!(row.state, State::Pending | State::Late);
    let expected: Vec<Version> = order(is_open).chain(order(pending)).collect();
    assert_eq!(versions(&everything.run), expected);
    let late: Vec<Version> = order(|row| row.state == State::Late).collect();
    assert_eq!(versions(&everything.late), late);
    let strict = plan::up(rows, &[], &UpTo::Everything, Late::Refuse);
    assert_eq!(strict.is_err(), !late.is_empty());

    let some = plan::up(rows, &[], &UpTo::Steps(steps), Late::Run).expect("what can be done whole can be done in part");
    let length = expected.len().min(steps.get());
    assert_eq!(versions(&some.run), expected[..length]);
    if let Ok(part) = plan::up(rows, &[], &UpTo::Target(target.to_owned()), Late::Run) {
        let limit = rows.iter().filter(|row| row.name.stem().starts_with(target)).map(|row| row.name.version()).max();
        let opened = rows.iter().filter(|row| is_open(row)).count();
        let in_reach = |(index, version): &(usize, Version)| *index < opened || Some(*version) <= limit;
        let expected: Vec<Version> =
            expected.into_iter().enumerate().filter(in_reach).map(|(_, version)| version).collect();
        assert_eq!(versions(&part.run), expected);
    }
}

fn undos(rows: &[Row], steps: NonZeroUsize, target: &str) {
    let all = versions(&plan::undo(rows, &Back::All).expect("nothing stands in the way of looking all of it up"));
    let is_applied = |row: &&Row| matches!(row.state, State::Applied | State::Edited | State::Missing);
    let opened: Vec<Version> = rows.iter().filter(|row| is_open(row)).map(|row| row.name.version()).collect();
    let expected: Vec<Version> =
        opened.iter().copied().chain(rows.iter().rev().filter(is_applied).map(|row| row.name.version())).collect();
    assert_eq!(all, expected);
    let some = versions(&plan::undo(rows, &Back::Steps(steps)).expect("the same"));
    assert_eq!(some, expected[..expected.len().min(steps.get())]);
    let to = plan::undo(rows, &Back::To(target.to_owned())).map(|names| versions(&names));
    let keep = plan::undo(rows, &Back::Keep(target.to_owned())).map(|names| versions(&names));
    assert_eq!(to.is_ok(), keep.is_ok());
    if let (Ok(to), Ok(keep)) = (to, keep) {
        let fits: Vec<Version> =
            rows.iter().filter(|r| r.name.stem().starts_with(target)).map(|r| r.name.version()).collect();
        assert_eq!(fits.len(), 1, "a target fits one, or the request is refused");
        let back = |is_in: &dyn Fn(Version) -> bool| -> Vec<Version> {
            expected.iter().copied().filter(|version| opened.contains(version) || is_in(*version)).collect()
        };
        assert_eq!(to, back(&|version| version >= fits[0]));
        if !opened.contains(&fits[0]) {
            assert_eq!(keep, back(&|version| version > fits[0]));
        }
    }
}
