//! Which files a pattern means.

use std::fs;

use super::{folder, message, query, read, source, write};
use crate::{ColumnType, Embedded, EngineError};

const ID: [(&str, ColumnType); 1] = [("id", ColumnType::Text)];

fn sorted(folder: &tempfile::TempDir, pattern: &str) -> Result<String, EngineError> {
    query(folder, pattern, &ID, r#"SELECT "id" FROM "orders" ORDER BY "id""#)
}

#[test]
fn a_glob_reads_all_files_it_reaches() {
    let folder = folder();
    write(&folder, "data/a.csv", "id\n1\n");
    write(&folder, "data/b.csv", "other,id\nx,2\n");
    write(&folder, "data/deep/c.csv", "id\n3\n");
    write(&folder, "data/.hidden.csv", "id\n4\n");
    assert_eq!(sorted(&folder, "data/*.csv").unwrap(), "1\n2");
    assert_eq!(sorted(&folder, "data/**/*.csv").unwrap(), "1\n2\n3");
    assert_eq!(sorted(&folder, "data/[b-z].csv").unwrap(), "2");
}

#[test]
fn a_folder_reads_its_data_files() {
    let folder = folder();
    write(&folder, "data/a.csv", "id\n1\n");
    write(&folder, "data/b.CSV", "id\n2\n");
    write(&folder, "data/README.md", "notes");
    write(&folder, "data/_SUCCESS", "");
    write(&folder, "data/_old.csv", "id\n9\n");
    write(&folder, "data/deep/c.csv", "id\n3\n");
    assert_eq!(sorted(&folder, "data").unwrap(), "1\n2");
    assert_eq!(sorted(&folder, "data/").unwrap(), "1\n2");
}

#[test]
fn the_base_and_a_file_may_have_any_name() {
    let folder = folder();
    write(&folder, "a[1]*/x?.csv", "id\n1\n");
    let inner = folder.path().join("a[1]*");
    for pattern in ["x?.csv", "*.csv", "."] {
        Embedded::new().unwrap().register(source(&inner, pattern, &ID)).unwrap();
    }
    let absolute = inner.join("x?.csv");
    Embedded::new().unwrap().register(source(folder.path(), absolute.to_str().unwrap(), &ID)).unwrap();
}

#[test]
fn many_files_are_read_without_keeping_all_open() {
    let folder = folder();
    for number in 0..300 {
        write(&folder, &format!("data/{number}.csv"), format!("id\n{number}\n"));
    }
    assert_eq!(query(&folder, "data", &ID, r#"SELECT count(DISTINCT "id") FROM "orders""#).unwrap(), "300");
}

#[test]
fn what_is_not_there_is_named() {
    let folder = folder();
    fs::create_dir(folder.path().join("data")).unwrap();
    assert_eq!(
        message(read(&folder, "data/orders.csv", &ID)),
        r#"Source "orders" reads data/orders.csv, but there is no such file or folder."#
    );
    for pattern in ["data/*.csv", "data"] {
        assert_eq!(
            message(read(&folder, pattern, &ID)),
            format!(
                "Source \"orders\" reads {pattern}, but there is no data file; \
                 .csv, .tsv, .parquet, .ndjson, .jsonl and .json are read."
            )
        );
    }
    let error = read(&folder, "data/***", &ID).unwrap_err();
    assert!(matches!(error, EngineError::BadPattern { .. }), "{error:?}");
}

#[test]
fn formats_are_known_and_one() {
    let folder = folder();
    write(&folder, "data/a.csv", "id\n1\n");
    write(&folder, "data/b.json", "{\"id\":\"2\"}\n");
    write(&folder, "data/c.xlsx", "");
    write(&folder, "plain", "id\n1\n");
    assert_eq!(
        message(read(&folder, "data", &ID)),
        r#"Source "orders" reads files of two formats, data/a.csv and data/b.json; one source has one format."#
    );
    assert!(matches!(read(&folder, "data/*.xlsx", &ID), Err(EngineError::UnknownFormat { .. })));
    assert!(matches!(read(&folder, "plain", &ID), Err(EngineError::UnknownFormat { .. })));
}

#[test]
fn the_first_bad_file_is_reported_whichever_is_read_first() {
    let folder = folder();
    let good: String = (0..50_000).map(|_| "1\n").collect();
    write(&folder, "data/a.csv", format!("id\n{good}bad\n"));
    for name in ["b", "c", "d", "e"] {
        write(&folder, &format!("data/{name}.csv"), "id\nbad\n");
    }
    for _ in 0..5 {
        let error =
            query(&folder, "data", &[("id", ColumnType::Int)], r#"SELECT sum("id") FROM "orders""#).unwrap_err();
        assert!(error.to_string().starts_with("data/a.csv, line 50002"), "{error}");
    }
}
