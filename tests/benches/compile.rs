//! How long a project takes from text to SQL: parse, check, plan and statements for N metrics over N/20 sources.
//!
//! `cargo bench --workspace --bench compile`; a filter such as `-- check/5000` chooses. What must be reached: checking 5,000
//! metrics in under 0.15 s from a cold process, and growth linear to 20,000.

use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use groma_model::change::{Side, compare};
use groma_model::judge::judge;
use groma_model::{MetricId, Model, SourceId};
use groma_plan::{Request, plan};
use groma_project::{MemoryWorld, Project, World as _, compile, packs};
use groma_sql::{Dialect, dialect, render};
use groma_syntax::{FileId, format, parse};
use groma_tests::generator;
use std::hint::black_box;
use std::time::Duration;

const SIZES: [usize; 5] = [10, 100, 1_000, 5_000, 20_000];
/// Metrics of one source: what one question asks for.
const ASKED: usize = 20;

fn benches(criterion: &mut Criterion) {
    for size in SIZES {
        let files = generator::project(size);
        let world =
            files.iter().fold(MemoryWorld::default(), |world, (path, text)| world.file(path.as_str(), text.as_bytes()));
        let project = compile(&world);
        assert!(!project.has_errors(), "the generated project has errors: {:?}", project.diagnostics.first());
        texts(criterion, size, &files);
        whole(criterion, size, &world);
        question(criterion, size, &project);
        rules(criterion, size);
        comparison(criterion, size, &files, &project);
    }
}

/// What changed in meaning between two states, both compiled, where each sum of amounts is another one.
fn comparison(criterion: &mut Criterion, size: usize, files: &[(String, String)], base: &Project) {
    let world = files.iter().fold(MemoryWorld::default(), |world, (path, text)| {
        world.file(path.as_str(), text.replace("measure: sum(amount)", "measure: sum(amount * 2)").into_bytes())
    });
    let head = compile(&world);
    assert!(!head.has_errors(), "the changed project has errors: {:?}", head.diagnostics.first());
    let sides = || [base, &head].map(|project| Side { eras: project.eras(), sources: &project.sources });
    let mut group = criterion.benchmark_group("compare");
    group.throughput(Throughput::Elements(u64::try_from(size).unwrap_or(0))).sample_size(10);
    group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
        let [base, head] = sides();
        bencher.iter(|| compare(black_box(&base), black_box(&head), world.today()).len());
    });
    group.finish();
}

/// What the rules of every pack cost on top: half of checking at the most.
fn rules(criterion: &mut Criterion, size: usize) {
    let packs: Vec<&str> = packs().collect();
    let files = generator::governed(size, &packs);
    let world =
        files.iter().fold(MemoryWorld::default(), |world, (path, text)| world.file(path.as_str(), text.as_bytes()));
    let project = compile(&world);
    let mut group = criterion.benchmark_group("rules");
    group.throughput(Throughput::Elements(u64::try_from(size).unwrap_or(0))).sample_size(10);
    group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
        bencher.iter(|| judge(black_box(&project.model), world.today()).findings.len());
    });
    group.finish();
}

/// What is done to each file on its own.
fn texts(criterion: &mut Criterion, size: usize, files: &[(String, String)]) {
    let texts: Vec<&str> =
        files.iter().filter(|(path, _)| path.ends_with(".groma")).map(|(_, text)| text.as_str()).collect();
    let bytes = u64::try_from(generator::size(files)).unwrap_or(0);
    let mut group = criterion.benchmark_group("text");
    group.throughput(Throughput::Bytes(bytes)).sample_size(10).sampling_mode(SamplingMode::Flat);
    group.bench_function(BenchmarkId::new("parse", size), |bencher| {
        bencher.iter(|| texts.iter().map(|text| parse(FileId(0), black_box(text)).file.items.len()).sum::<usize>());
    });
    group.bench_function(BenchmarkId::new("format", size), |bencher| {
        bencher.iter(|| {
            texts.iter().filter_map(|text| format(black_box(text)).ok()).map(|text| text.len()).sum::<usize>()
        });
    });
    group.finish();
}

/// `groma check` without the disk.
fn whole(criterion: &mut Criterion, size: usize, world: &MemoryWorld) {
    let mut group = criterion.benchmark_group("check");
    group.throughput(Throughput::Elements(u64::try_from(size).unwrap_or(0))).sample_size(10);
    group.measurement_time(Duration::from_secs(10)).sampling_mode(SamplingMode::Flat);
    group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
        bencher.iter(|| compile(black_box(world)).diagnostics.len());
    });
    group.finish();
}

/// One question about the metrics of one source: its plan, and its statement in each dialect.
fn question(criterion: &mut Criterion, size: usize, project: &Project) {
    let model = &project.model;
    let metrics: Vec<MetricId> = (0..model.metrics.len()).map(MetricId::at).take(ASKED).collect();
    let table = |id: SourceId| vec![model.source(id).header.name.to_string()];
    let request = request(model, &metrics, &table);
    let mut group = criterion.benchmark_group("question");
    group.sample_size(20);
    group.bench_function(BenchmarkId::new("plan", size), |bencher| {
        bencher.iter(|| plan(model, black_box(&request)).map(|planned| planned.statement.steps.len()).ok());
    });
    let Ok(planned) = plan(model, &request) else { return };
    for name in ["datafusion", "duckdb", "postgres"] {
        let Some(dialect): Option<&Dialect> = dialect(name) else { continue };
        group.bench_function(BenchmarkId::new(name, size), |bencher| {
            bencher.iter(|| render(black_box(&planned.statement), dialect).map(|text| text.len()).ok());
        });
    }
    group.finish();
}

fn request<'a>(model: &Model, metrics: &[MetricId], table: &'a dyn Fn(SourceId) -> Vec<String>) -> Request<'a> {
    Request {
        metrics: metrics.to_vec(),
        grain: model.calendar.default_grain,
        by: Vec::new(),
        from: None,
        to: None,
        filter: Vec::new(),
        as_of: None,
        sets: groma_plan::Sets::Whole,
        intervals: None,
        estimated: groma_plan::Estimated::All,
        further: groma_plan::Further::default(),
        table,
    }
}

criterion_group!(compile_benches, benches);
criterion_main!(compile_benches);
