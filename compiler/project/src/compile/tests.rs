use super::*;
use crate::MemoryWorld;

const MANIFEST_TEXT: &str = "project: acme\n";

fn codes(world: &MemoryWorld) -> Vec<&'static str> {
    compile(world).diagnostics.iter().map(|finding| finding.code.id).collect()
}

#[test]
fn a_folder_without_a_manifest_is_no_project() {
    assert_eq!(codes(&MemoryWorld::default()), ["project/no-manifest"]);
    let help = compile(&MemoryWorld::default().file("a.groma", "")).diagnostics[0].help.clone().unwrap();
    assert!(help.contains("project: my_company"), "{help}");
}

#[test]
fn a_project_that_declares_nothing_is_found() {
    assert_eq!(codes(&MemoryWorld::with_manifest(MANIFEST_TEXT)), ["project/empty"]);
    let world = MemoryWorld::with_manifest(MANIFEST_TEXT).file("a.groma", "// nothing yet\n");
    assert_eq!(codes(&world), ["project/empty"]);
}

#[test]
fn bytes_that_are_no_text_are_found_with_their_line() {
    let world = MemoryWorld::with_manifest(MANIFEST_TEXT).file("a.groma", b"// caf\xc3\xa9\n// caf\xe9\n".to_vec());
    let project = compile(&world);
    let finding = &project.diagnostics[0];
    assert_eq!(finding.code.id, "project/not-utf8");
    assert_eq!(finding.headline, "a.groma is not UTF-8 text: byte 0xe9 in line 2");
    assert_eq!(project.sources.slice(finding.primary.as_ref().unwrap().span), "\u{fffd}");
}

#[test]
fn a_path_without_files_is_found() {
    let world = MemoryWorld::with_manifest("project: acme\npaths: [metrics, notes]\n")
        .file("metrics/a.groma", "team a { title: \"A\" }\n")
        .file("other/b.groma", "kitten b { }\n");
    let project = compile(&world);
    assert_eq!(project.files, 1);
    assert_eq!(project.diagnostics[0].code.id, "project/path-without-files");
    assert_eq!(project.sources.slice(project.diagnostics[0].primary.as_ref().unwrap().span), "notes");
}

#[test]
fn a_table_for_no_source_is_found() {
    let manifest = "project: acme\ntargets:\n  x: { engine: duckdb, tables: { ordrs: shop.orders } }\n";
    let world = MemoryWorld::with_manifest(manifest).file("a.groma", "team a { title: \"A\" }\n");
    assert!(codes(&world).contains(&"target/unknown-source"));
}

#[test]
fn many_files_are_read_in_order() {
    let mut world = MemoryWorld::with_manifest(MANIFEST_TEXT);
    for number in 0..200 {
        world = world.file(format!("{number:03}.groma"), format!("// {number}\n"));
    }
    let project = compile(&world);
    for (number, file) in project.declarations().enumerate() {
        assert_eq!(file.path, format!("{number:03}.groma"));
        assert_eq!(file.text, format!("// {number}\n"));
    }
    assert_eq!(project.files, 200);
}
