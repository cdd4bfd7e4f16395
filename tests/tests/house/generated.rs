//! The generator of projects to measure: what it makes is sound, and the same every time.

use groma_project::{MemoryWorld, compile};
use groma_tests::generator;

#[test]
fn a_generated_project_is_sound() {
    for metrics in [1, 20, 21, 200] {
        let files = generator::project(metrics);
        let world =
            files.iter().fold(MemoryWorld::default(), |world, (path, text)| world.file(path.as_str(), text.as_bytes()));
        let project = compile(&world);
        let found: Vec<&str> = project.diagnostics.iter().map(|finding| finding.headline.as_str()).collect();
        assert!(found.is_empty(), "{metrics} metrics: {found:?}");
        assert_eq!(project.model.metrics.len(), metrics);
        assert_eq!(generator::project(metrics), files);
    }
}

#[test]
fn five_thousand_metrics_are_about_a_megabyte() {
    let size = generator::size(&generator::project(5_000));
    assert!((900_000..1_600_000).contains(&size), "{size} bytes");
}
