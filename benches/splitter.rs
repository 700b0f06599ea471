//! How quickly scripts are cut: a dump of multi-row INSERTs, and many small statements.
#![allow(missing_docs)] // criterion_group! makes a function without any

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use uturn::script::lexer::Modes;
use uturn::script::split::split;

fn dump(bytes: usize) -> String {
    let row = "(42, 'a name; with a semicolon', 'it''s quoted \\' twice', NULL, 3.14),\n";
    let mut text = String::with_capacity(bytes + 1_000_000);
    while text.len() < bytes {
        text.push_str("INSERT INTO films VALUES\n");
        text.push_str(&row.repeat(10_000));
        text.push_str("(1, '', '', NULL, 0);\n");
    }
    text
}

fn small(bytes: usize) -> String {
    let few = "-- a comment\nALTER TABLE movies ADD COLUMN x INT NULL;\nUPDATE movies SET x = 'a;b';\n";
    few.repeat(bytes / few.len())
}

fn splitter(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("split");
    for (name, text) in [("dump", dump(20_000_000)), ("small", small(5_000_000))] {
        group.throughput(Throughput::Bytes(text.len() as u64)).sample_size(10);
        group.bench_function(name, |bencher| {
            bencher.iter(|| split(black_box(&text), Modes::default()).expect("well-formed").statements().len())
        });
    }
    group.finish();
}

criterion_group!(benches, splitter);
criterion_main!(benches);
