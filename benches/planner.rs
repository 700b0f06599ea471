//! How long it takes to decide what would run: the time must grow with the number of migrations, and not faster.
//!
//!     cargo bench --bench planner

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::hint::black_box;
use uturn::migration::name::{Name, Version};
use uturn::migration::plan::{self, Applied, Back, Known, Late, UpTo};

/// What a folder of `count` pairs and the history of its first half look like to the planner.
fn half_applied(count: u64) -> (Vec<Known>, Vec<Applied>) {
    let start = time::macros::datetime!(2000-01-01 0:00 UTC);
    let known = |number: u64| {
        let at = start + time::Duration::minutes(number as i64);
        let form = time::macros::format_description!("[year][month][day][hour][minute][second]");
        let stem = format!("{}-create-table-{number}", at.format(form).expect("a date of this century"));
        Known { name: Name::parse(&stem).expect("a good name"), checksum: Ok(number), faults: Vec::new(), alike: None }
    };
    let known: Vec<Known> = (0..count).map(known).collect();
    let applied = |(number, known): (u64, &Known)| Applied {
        version: Version::from_history(known.name.version().number()),
        name: known.name.history_name(),
        checksum: number,
        applied_on: "2026-01-01T00:00:00Z".to_owned(),
    };
    let history = (0..).zip(&known[..known.len() / 2]).map(applied).collect();
    (known, history)
}

fn planner(criterion: &mut Criterion) {
    for count in [100, 1_000, 10_000, 100_000] {
        let (known, history) = half_applied(count);
        let rows = plan::survey(&known, &history, None);
        let oldest = known[0].name.stem().to_owned();
        let newest = known[known.len() - 1].name.stem().to_owned();
        let mut group = criterion.benchmark_group("planner");
        group.sample_size(10).throughput(Throughput::Elements(count));
        group.bench_function(BenchmarkId::new("survey", count), |bench| {
            bench.iter(|| plan::survey(black_box(&known), black_box(&history), None));
        });
        group.bench_function(BenchmarkId::new("up", count), |bench| {
            bench.iter(|| plan::up(black_box(&rows), &[], &UpTo::Everything, Late::Run));
        });
        let (up_to, back) = (UpTo::Target(newest), Back::To(oldest));
        group.bench_function(BenchmarkId::new("up --to", count), |bench| {
            bench.iter(|| plan::up(black_box(&rows), &[], &up_to, Late::Run));
        });
        group.bench_function(BenchmarkId::new("undo --to", count), |bench| {
            bench.iter(|| plan::undo(black_box(&rows), &back));
        });
    }
}

criterion_group!(benches, planner);
criterion_main!(benches);
