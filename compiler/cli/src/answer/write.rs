//! Answers for programs: CSV and JSON.

use super::restated::Restated;
use super::rows::{Cell, Rows};
use super::without::Effect;
use serde_json::{Number, Value};

/// CSV with a header; a null is an empty field.
pub fn csv(rows: &Rows) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let records = std::iter::once(rows.columns.clone())
        .chain(rows.rows.iter().map(|row| row.iter().map(ToString::to_string).collect()));
    for record in records {
        // Writing to memory does not fail.
        let _ = writer.write_record(&record);
    }
    writer.into_inner().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
}

/// An array of objects, one on each line, with the keys in the order of the columns. Where exceptions leave something out of a
/// metric of the answer, each has two more: `without_exceptions`, the value it would have, and `exceptions`, their names. Where
/// the project has restated a frozen period, each says in `restated` whether it stands in one.
pub(crate) fn json(rows: &Rows, effect: Option<&Effect>, restated: &Restated) -> String {
    let object = |row: &Vec<Cell>| {
        let entries = rows.columns.iter().zip(row);
        let entries = entries.map(|(column, cell)| format!("{}:{}", Value::from(column.as_str()), value(cell)));
        let further = effect.map(|effect| {
            let (without, names) = effect.fields(rows, row);
            format!("\"without_exceptions\":{},\"exceptions\":{}", value(&without), Value::from(names))
        });
        let further = further.into_iter().chain(restated.field(rows, row));
        format!("  {{{}}}", entries.chain(further).collect::<Vec<_>>().join(","))
    };
    let lines: Vec<String> = rows.rows.iter().map(object).collect();
    if lines.is_empty() { "[]\n".to_owned() } else { format!("[\n{}\n]\n", lines.join(",\n")) }
}

/// A value as JSON.
pub(crate) fn value(cell: &Cell) -> Value {
    match cell {
        Cell::Null => Value::Null,
        Cell::Bool(value) => Value::Bool(*value),
        Cell::Int(value) => Value::from(*value),
        Cell::Real(value) => Number::from_f64(*value).map_or(Value::Null, Value::Number),
        Cell::Text(value) => Value::String(value.clone()),
        Cell::Date(value) => Value::String(value.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn rows() -> Rows {
        let columns = ["metric", "period", "value", "n"].map(str::to_owned).to_vec();
        let row = |metric: &str, value: Cell| {
            vec![Cell::Text(metric.to_owned()), Cell::Date(date(1997, 1, 1)), value, Cell::Int(3)]
        };
        Rows { columns, rows: vec![row("a, \"b\"", Cell::Real(0.1)), row("c", Cell::Null), row("d", Cell::Real(1e21))] }
    }

    #[test]
    fn csv_quotes_and_leaves_nulls_empty() {
        assert_eq!(
            csv(&rows()),
            "metric,period,value,n\n\"a, \"\"b\"\"\",1997-01-01,0.1,3\nc,1997-01-01,,3\nd,1997-01-01,1000000000000000000000,3\n"
        );
    }

    #[test]
    fn json_is_an_array_of_objects() {
        let text = json(&rows(), None, &Restated::default());
        assert!(text.contains(r#"{"metric":"c","period":"1997-01-01","value":null,"n":3}"#), "{text}");
        let parsed: Vec<Value> = serde_json::from_str(&text).unwrap();
        assert_eq!(parsed[2]["value"].as_f64(), Some(1e21));
        assert_eq!(json(&Rows::default(), None, &Restated::default()), "[]\n");
    }
}
