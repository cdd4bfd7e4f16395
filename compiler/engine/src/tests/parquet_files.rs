//! Reading and writing Parquet.

use std::fs::{self, File};
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BinaryArray, BooleanArray, Date32Array, Date64Array, Decimal128Array, DictionaryArray, Float32Array,
    Float64Array, Int8Array, Int32Array, Int64Array, LargeStringArray, NullArray, RecordBatch, StringArray,
    StringViewArray, TimestampMicrosecondArray, TimestampMillisecondArray, TimestampNanosecondArray,
    TimestampSecondArray, UInt64Array,
};
use arrow::datatypes::Int32Type;
use parquet::arrow::ArrowWriter;
use parquet::data_type::Int96;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use tempfile::TempDir;

use super::{decimal, folder, instant, message, query, read, source, text, write};
use crate::{ColumnType, Embedded, Engine, EngineError, Place, write_parquet};

/// Writes a file of these columns.
fn parquet(folder: &TempDir, name: &str, columns: Vec<(&str, ArrayRef)>) {
    let batch = RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, array)| (name, array, true)));
    let batch = batch.unwrap();
    let file = File::create(folder.path().join(name)).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

/// One stored column read as a declared type.
fn stored(array: impl arrow::array::Array + 'static, ty: ColumnType) -> Result<String, EngineError> {
    let folder = folder();
    parquet(&folder, "orders.parquet", vec![("v", Arc::new(array))]);
    read(&folder, "orders.parquet", &[("v", ty)])
}

#[test]
fn lossless_types_are_read() {
    assert_eq!(stored(BooleanArray::from(vec![Some(true), None]), ColumnType::Bool).unwrap(), "true\nnull");
    assert_eq!(stored(Int32Array::from(vec![Some(-3), None]), ColumnType::Int).unwrap(), "-3\nnull");
    assert_eq!(stored(Int8Array::from(vec![3]), ColumnType::Scale { low: 0, high: 10 }).unwrap(), "3");
    assert_eq!(stored(UInt64Array::from(vec![3]), ColumnType::Int).unwrap(), "3");
    assert_eq!(stored(Float32Array::from(vec![0.5]), ColumnType::Float).unwrap(), "0.5");
    assert_eq!(stored(Int32Array::from(vec![2]), ColumnType::Float).unwrap(), "2.0");
    assert_eq!(stored(StringArray::from(vec!["é"]), ColumnType::Text).unwrap(), "é");
    assert_eq!(stored(LargeStringArray::from(vec!["a"]), ColumnType::Text).unwrap(), "a");
    assert_eq!(stored(StringViewArray::from(vec!["a"]), ColumnType::Text).unwrap(), "a");
    let dictionary: DictionaryArray<Int32Type> = vec![Some("a"), None, Some("a")].into_iter().collect();
    assert_eq!(stored(dictionary, ColumnType::Text).unwrap(), "a\nnull\na");
    assert_eq!(stored(Date32Array::from(vec![20_635]), ColumnType::Date).unwrap(), "2026-07-01");
    assert_eq!(stored(Date64Array::from(vec![20_635 * 86_400_000]), ColumnType::Date).unwrap(), "2026-07-01");
    assert_eq!(stored(NullArray::new(2), ColumnType::Date).unwrap(), "null\nnull");
}

#[test]
fn decimals_keep_every_digit() {
    let hundredths = |numbers: Vec<i128>| Decimal128Array::from(numbers).with_precision_and_scale(20, 2).unwrap();
    assert_eq!(stored(hundredths(vec![150, -1]), decimal(12, 2)).unwrap(), "1.50\n-0.01");
    assert_eq!(stored(hundredths(vec![150]), decimal(12, 4)).unwrap(), "1.5000");
    assert_eq!(stored(Int64Array::from(vec![7]), decimal(12, 2)).unwrap(), "7.00");
    let whole = Decimal128Array::from(vec![42]).with_precision_and_scale(38, 0).unwrap();
    assert_eq!(stored(whole, ColumnType::Int).unwrap(), "42");
    assert!(matches!(stored(hundredths(vec![150]), decimal(12, 1)), Err(EngineError::BadParquetType { .. })));
    assert!(matches!(stored(hundredths(vec![150]), ColumnType::Int), Err(EngineError::BadParquetType { .. })));
    let error = stored(hundredths(vec![1, 99_999, 100_000]), decimal(5, 2)).unwrap_err();
    assert!(matches!(error, EngineError::BadValue { place: Place::Row(3), .. }), "{error:?}");
}

#[test]
fn timestamps_become_the_clock_of_the_declared_zone() {
    let second = 1_767_607_200; // 2026-01-05T10:00:00Z
    let clock = |array: ArrayRef| {
        let folder = folder();
        parquet(&folder, "orders.parquet", vec![("v", array)]);
        read(&folder, "orders.parquet", &[("v", instant("America/New_York"))]).unwrap()
    };
    assert_eq!(clock(Arc::new(TimestampSecondArray::from(vec![second]))), "2026-01-05T10:00:00");
    assert_eq!(clock(Arc::new(TimestampMillisecondArray::from(vec![second * 1_000]))), "2026-01-05T10:00:00");
    assert_eq!(clock(Arc::new(TimestampMicrosecondArray::from(vec![second * 1_000_000]))), "2026-01-05T10:00:00");
    assert_eq!(clock(Arc::new(TimestampNanosecondArray::from(vec![second * 1_000_000_000]))), "2026-01-05T10:00:00");
    assert_eq!(clock(Arc::new(Date32Array::from(vec![20_635]))), "2026-07-01T00:00:00");
    for zone in ["UTC", "+00:00", "Europe/Vienna"] {
        let zoned = TimestampMicrosecondArray::from(vec![second * 1_000_000]).with_timezone(zone);
        assert_eq!(clock(Arc::new(zoned)), "2026-01-05T05:00:00", "{zone}");
    }
    let nanoseconds = TimestampNanosecondArray::from(vec![1_000, 1_001]);
    let error = stored(nanoseconds, instant("UTC")).unwrap_err();
    assert!(matches!(error, EngineError::BadValue { place: Place::Row(2), .. }), "{error:?}");
}

#[test]
fn types_that_could_lose_something_are_refused() {
    let refused: Vec<(ArrayRef, ColumnType)> = vec![
        (Arc::new(StringArray::from(vec!["1"])), ColumnType::Int),
        (Arc::new(Int64Array::from(vec![1])), ColumnType::Float),
        (Arc::new(Float64Array::from(vec![1.0])), decimal(12, 2)),
        (Arc::new(Float64Array::from(vec![1.0])), ColumnType::Int),
        (Arc::new(Int64Array::from(vec![1])), ColumnType::Text),
        (Arc::new(BinaryArray::from(vec![b"a".as_slice()])), ColumnType::Text),
        (Arc::new(TimestampMicrosecondArray::from(vec![1])), ColumnType::Date),
        (Arc::new(Int64Array::from(vec![1])), instant("UTC")),
        (Arc::new(Int32Array::from(vec![1])), ColumnType::Bool),
    ];
    for (array, ty) in refused {
        let folder = folder();
        parquet(&folder, "orders.parquet", vec![("v", array.clone()), ("w", Arc::new(Int32Array::from(vec![1])))]);
        let error = query(&folder, "orders.parquet", &[("v", ty), ("w", ColumnType::Int)], "SELECT 1").unwrap_err();
        assert!(matches!(error, EngineError::BadParquetType { .. }), "{array:?}: {error:?}");
    }
    assert_eq!(
        message(stored(StringArray::from(vec!["1"]), ColumnType::Int)),
        r#"orders.parquet: column "v" of source "orders" is stored as Utf8, which cannot be read as a whole number of 64 bits without loss."#
    );
}

#[test]
fn the_first_row_that_does_not_fit_is_named() {
    let folder = folder();
    let mut scores = vec![5; 20_000];
    scores[10_000] = 11;
    let mut sizes = vec![1.0; 20_000];
    sizes[9_000] = f64::NAN;
    let columns: Vec<(&str, ArrayRef)> =
        vec![("score", Arc::new(Int32Array::from(scores))), ("size", Arc::new(Float64Array::from(sizes)))];
    parquet(&folder, "orders.parquet", columns);
    let declared = [("score", ColumnType::Scale { low: 0, high: 10 }), ("size", ColumnType::Float)];
    assert_eq!(
        message(query(&folder, "orders.parquet", &declared, r#"SELECT sum("score") FROM "orders""#)),
        r#"orders.parquet, row 10001: column "score" of source "orders" holds "11", which is not a whole number from 0 to 10."#
    );
    assert_eq!(
        message(read(&folder, "orders.parquet", &declared)),
        r#"orders.parquet, row 9001: column "size" of source "orders" holds "NaN", which is not a finite number."#
    );
    assert_eq!(query(&folder, "orders.parquet", &declared, r#"SELECT count(*) FROM "orders""#).unwrap(), "20000");
}

#[test]
fn a_file_of_many_row_groups_is_read_in_parts() {
    let folder = folder();
    let mut numbers: Vec<i64> = (1..=1_000).collect();
    numbers[986] = -1;
    numbers[990] = -2;
    let batch = RecordBatch::try_from_iter([("v", Arc::new(Int64Array::from(numbers)) as ArrayRef)]).unwrap();
    let properties = WriterProperties::builder().set_max_row_group_row_count(Some(10)).build();
    let file = File::create(folder.path().join("orders.parquet")).unwrap();
    let mut writer = ArrowWriter::try_new(file, batch.schema(), Some(properties)).unwrap();
    writer.write(&batch).unwrap();
    assert_eq!(writer.close().unwrap().num_row_groups(), 100);
    let count = r#"SELECT count(*), count("v"), sum("v"), count(DISTINCT "v") FROM "orders""#;
    let ty = ColumnType::Int;
    assert_eq!(query(&folder, "orders.parquet", &[("v", ty)], count).unwrap(), "1000|1000|498519|1000");
    for _ in 0..5 {
        let ty = ColumnType::Scale { low: 0, high: 1_000 };
        let error = query(&folder, "orders.parquet", &[("v", ty)], count).unwrap_err();
        assert!(matches!(error, EngineError::BadValue { place: Place::Row(987), .. }), "{error:?}");
    }
}

#[test]
fn columns_are_found_by_name() {
    let folder = folder();
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("c", Arc::new(Int64Array::from(vec![3]))),
        ("x", Arc::new(Int64Array::from(vec![9]))),
        ("a", Arc::new(StringArray::from(vec!["1"]))),
        ("b", Arc::new(Int64Array::from(vec![2]))),
    ];
    parquet(&folder, "orders.parquet", columns);
    let declared = [("a", ColumnType::Text), ("b", ColumnType::Int), ("c", ColumnType::Int)];
    assert_eq!(read(&folder, "orders.parquet", &declared).unwrap(), "1|2|3");
    assert_eq!(query(&folder, "orders.parquet", &declared, r#"SELECT "c", "a" FROM "orders""#).unwrap(), "3|1");
    assert_eq!(
        message(read(&folder, "orders.parquet", &[("d", ColumnType::Int)])),
        r#"orders.parquet has no column "d", which source "orders" declares; it has "c", "x", "a", "b"."#
    );
}

#[test]
fn a_timestamp_of_96_bits_is_read_only_where_its_zone_does_not_matter() {
    let folder = folder();
    let schema = Arc::new(parse_message_type("message m { optional int96 v; }").unwrap());
    let file = File::create(folder.path().join("orders.parquet")).unwrap();
    let mut writer = SerializedFileWriter::new(file, schema, Arc::new(WriterProperties::default())).unwrap();
    let mut group = writer.next_row_group().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    // Nanoseconds of the day, low and high half, and the Julian day of 2026-01-05.
    let nanoseconds = 36_000_000_000_000_u64;
    let mut value = Int96::new();
    value.set_data(nanoseconds as u32, (nanoseconds >> 32) as u32, 2_461_046);
    column.typed::<parquet::data_type::Int96Type>().write_batch(&[value], Some(&[1]), None).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    writer.close().unwrap();
    assert_eq!(read(&folder, "orders.parquet", &[("v", instant("UTC"))]).unwrap(), "2026-01-05T10:00:00");
    let error = read(&folder, "orders.parquet", &[("v", instant("Europe/Vienna"))]).unwrap_err();
    assert!(error.to_string().contains("INT96 (a timestamp whose zone depends on its writer)"), "{error}");
}

#[test]
fn what_is_not_parquet_says_so() {
    let folder = folder();
    write(&folder, "orders.parquet", "id,amount\n");
    let error = read(&folder, "orders.parquet", &[("v", ColumnType::Int)]).unwrap_err();
    assert!(matches!(error, EngineError::BadParquet { .. }), "{error:?}");
    write(&folder, "empty.parquet", "");
    let error = read(&folder, "empty.parquet", &[("v", ColumnType::Int)]).unwrap_err();
    assert!(matches!(error, EngineError::EmptyFile { .. }), "{error:?}");
}

#[test]
fn answers_are_written_whole_and_read_back() {
    let folder = folder();
    write(&folder, "orders.csv", "b,i,f,d,t,day,at\ntrue,1,0.5,1.50,é,2026-07-01,2026-07-01T10:00:00.000001\n,,,,,,\n");
    let columns = [
        ("b", ColumnType::Bool),
        ("i", ColumnType::Int),
        ("f", ColumnType::Float),
        ("d", decimal(12, 2)),
        ("t", ColumnType::Text),
        ("day", ColumnType::Date),
        ("at", instant("Europe/Vienna")),
    ];
    let engine = Embedded::new().unwrap();
    engine.register(source(folder.path(), "orders.csv", &columns)).unwrap();
    let answer = engine.run(r#"SELECT * FROM "orders""#).unwrap();
    let path = folder.path().join("answer.parquet");
    fs::write(&path, "what was there before").unwrap();
    write_parquet(&answer, &path).unwrap();
    assert_eq!(read(&folder, "answer.parquet", &columns).unwrap(), text(&answer));
    assert_eq!(answer.row_count(), 2);

    let first = fs::read(&path).unwrap();
    write_parquet(&answer, &path).unwrap();
    assert_eq!(fs::read(&path).unwrap(), first, "the same rows are the same bytes");

    let none = engine.run(r#"SELECT * FROM "orders" WHERE "i" > 1"#).unwrap();
    write_parquet(&none, &path).unwrap();
    assert_eq!(read(&folder, "answer.parquet", &columns).unwrap(), "");

    let missing = write_parquet(&answer, &folder.path().join("nowhere/answer.parquet")).unwrap_err();
    assert!(matches!(missing, EngineError::Unwritten { .. }), "{missing:?}");
    let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "no temporary file is left: {names:?}");
}
