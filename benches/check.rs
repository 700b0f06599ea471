//! How long `check` takes once the files are read: a few milliseconds for a usual folder, and no faster growth than the folder's.
//!
//!     cargo bench --bench check

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use uturn::lint;
use uturn::migration::pair::{self, File};
use uturn::source::embedded;

/// Pairs that make, change and fill tables which refer to each other; every third one changes the same table.
fn folder(count: u64) -> Vec<File> {
    let start = time::macros::datetime!(2000-01-01 0:00 UTC);
    let form = time::macros::format_description!("[year][month][day][hour][minute][second]");
    let pair = |n: u64| {
        let at = (start + time::Duration::minutes(n as i64)).format(form).expect("a date of this century");
        let (up, down) = match n % 3 {
            0 => (
                format!(
                    "CREATE TABLE t{n} (\n    id INT NOT NULL AUTO_INCREMENT,\n    parent INT NULL,\n    \
                     name VARCHAR(100) NOT NULL DEFAULT '',\n    state ENUM('new', 'old') NOT NULL DEFAULT 'new',\n    \
                     PRIMARY KEY (id),\n    KEY k (parent),\n    CONSTRAINT fk{n} FOREIGN KEY (parent) REFERENCES t0 (id)\n);\n"
                ),
                format!("DROP TABLE t{n};\n"),
            ),
            1 => {
                let table = format!("t{}", n - 1);
                (
                    format!(
                        "ALTER TABLE {table}\n    MODIFY COLUMN state ENUM('new', 'old', 'gone') NOT NULL DEFAULT 'new';\n"
                    ),
                    format!(
                        "UPDATE {table} SET state = 'old' WHERE state = 'gone';\n\
                         ALTER TABLE {table}\n    MODIFY COLUMN state ENUM('new', 'old') NOT NULL DEFAULT 'new';\n"
                    ),
                )
            }
            _ => (
                "ALTER TABLE t0\n    ADD COLUMN x INT NULL AFTER name;\nALTER TABLE t0\n    DROP COLUMN x;\n"
                    .to_owned(),
                "-- Nothing is left of x.\nDO 0;\n".to_owned(),
            ),
        };
        let file = |way: &str, text| File { path: format!("sql/{at}-m{n}.{way}.sql"), text: String::into(text) };
        [file("up", up), file("down", down)]
    };
    (0..count).flat_map(pair).collect()
}

/// Made into pairs, and checked.
fn checked(files: Vec<File>) -> lint::Checked {
    let pairs = pair::pair(files.into_iter().map(Ok).collect());
    lint::check(&pairs.migrations, pairs.faults())
}

fn check(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("check");
    group.sample_size(10);
    let own = embedded::files(embedded::OWN.scripts);
    group.bench_function("the 24 built in", |bench| bench.iter(|| checked(black_box(own.clone()))));
    for count in [1_000, 10_000, 100_000] {
        let files = folder(count);
        assert_eq!(checked(files.clone()).findings, Vec::new());
        group.throughput(Throughput::Elements(count));
        group.bench_function(BenchmarkId::new("generated", count), |bench| {
            bench.iter(|| checked(black_box(files.clone())));
        });
    }
}

criterion_group!(benches, check);
criterion_main!(benches);
