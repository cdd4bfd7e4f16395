//! Rows in memory as tables, and rows that were written before.

use std::fs;

use super::{folder, text};
use crate::{ColumnSpec, ColumnType, Embedded, Engine, EngineError, conformed, read_parquet, write_parquet};

fn columns(columns: &[(&str, ColumnType)]) -> Vec<ColumnSpec> {
    let column = |(name, ty): &(&str, ColumnType)| ColumnSpec { name: (*name).into(), ty: ty.clone(), optional: true };
    columns.iter().map(column).collect()
}

#[test]
fn rows_get_the_columns_of_the_table() {
    let engine = Embedded::new().unwrap();
    let rows = engine.run("SELECT 1 AS a, 'x' AS b UNION ALL SELECT 2, 'y'").unwrap();
    let wanted = columns(&[("c", ColumnType::Date), ("b", ColumnType::Text), ("a", ColumnType::Int)]);
    engine.hold("held", &wanted, &rows).unwrap();
    let held = engine.run(r#"SELECT * FROM "held" ORDER BY "a""#).unwrap();
    assert_eq!(text(&held), "null|x|1\nnull|y|2");
    // In place of what had the name.
    engine.hold("held", &columns(&[("a", ColumnType::Int)]), &rows).unwrap();
    assert_eq!(text(&engine.run(r#"SELECT sum("a") FROM "held""#).unwrap()), "3");
}

#[test]
fn values_of_another_type_are_null() {
    let engine = Embedded::new().unwrap();
    let rows = engine.run("SELECT 'x' AS a").unwrap();
    let found = conformed("held", &columns(&[("a", ColumnType::Int)]), &rows).unwrap();
    assert_eq!(text(&found), "null");
}

#[test]
fn what_was_written_is_read_again() {
    let folder = folder();
    let path = folder.path().join("rows.parquet");
    assert!(read_parquet(&path).unwrap().is_none());
    let engine = Embedded::new().unwrap();
    let rows = engine.run("SELECT 1 AS a, 'x' AS b, CAST('2026-07-01' AS DATE) AS c").unwrap();
    write_parquet(&rows, &path).unwrap();
    let again = read_parquet(&path).unwrap().unwrap();
    assert_eq!((text(&again), again.schema.fields()), (text(&rows), rows.schema.fields()));
    fs::write(&path, "PAR1 torn").unwrap();
    assert!(matches!(read_parquet(&path), Err(EngineError::BadParquet { .. })));
}

#[test]
fn what_cannot_be_written_is_said() {
    let folder = folder();
    let engine = Embedded::new().unwrap();
    let rows = engine.run("SELECT 1 AS a").unwrap();
    let path = folder.path().join("rows.parquet");
    fs::create_dir(&path).unwrap();
    assert!(matches!(write_parquet(&rows, &path), Err(EngineError::Unwritten { full: false, .. })));
}
