//! Stored Arrow types to declared ones, exactly. A type that could lose something is refused as a whole; where the
//! type allows it but a value does not fit, the first such row is named.

use std::sync::Arc;

use arrow::array::types::{
    ArrowPrimitiveType, Date32Type, Date64Type, Decimal128Type, Float64Type, Int64Type, TimestampMicrosecondType,
    TimestampMillisecondType, TimestampNanosecondType, TimestampSecondType, UInt64Type,
};
use arrow::array::{Array, ArrayRef, AsArray, PrimitiveArray, PrimitiveBuilder, new_null_array};
use arrow::compute::{self, CastOptions};
use arrow::datatypes::{DataType, TimeUnit};
use arrow::util::display::array_value_to_string;
use jiff::tz::TimeZone;

use crate::source::Kind;
use crate::value::{DAY, wall_clock};

/// A value that does not fit, and its row in the array from 0.
pub(super) struct Misfit {
    pub(super) row: usize,
    pub(super) value: String,
}

/// Whether a stored type can hold the declared one: every value that can be read means the same.
pub(super) fn is_lossless(found: &DataType, kind: &Kind) -> bool {
    if let DataType::Dictionary(_, values) = found {
        return is_lossless(values, kind);
    }
    if *found == DataType::Null {
        return true;
    }
    match kind {
        Kind::Bool => *found == DataType::Boolean,
        Kind::Int | Kind::Scale { .. } => found.is_integer() || is_decimal(found, 0),
        Kind::Float => {
            is_small_integer(found) || matches!(found, DataType::Float16 | DataType::Float32 | DataType::Float64)
        }
        Kind::Decimal { scale, .. } => found.is_integer() || is_decimal(found, *scale),
        Kind::Text => matches!(found, DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View),
        Kind::Date => matches!(found, DataType::Date32 | DataType::Date64),
        Kind::Instant(_) => matches!(found, DataType::Timestamp(..) | DataType::Date32),
    }
}

/// Integers that a double holds exactly.
fn is_small_integer(found: &DataType) -> bool {
    found.is_integer() && !matches!(found, DataType::Int64 | DataType::UInt64)
}

/// Decimals with at most `scale` digits after the point.
fn is_decimal(found: &DataType, scale: i8) -> bool {
    match *found {
        DataType::Decimal32(_, stored) | DataType::Decimal64(_, stored) | DataType::Decimal128(_, stored) => {
            (0..=scale).contains(&stored)
        }
        _ => false,
    }
}

/// The same values in the declared type. The stored type is lossless.
pub(super) fn cast(array: &ArrayRef, kind: &Kind) -> Result<ArrayRef, Misfit> {
    let array = &match array.data_type() {
        DataType::Dictionary(_, values) => plain(array, values)?,
        DataType::Null => return Ok(new_null_array(&kind.data_type(), array.len())),
        _ => array.clone(),
    };
    match *kind {
        Kind::Bool | Kind::Text => plain(array, &kind.data_type()),
        Kind::Int => integers(array, i64::MIN, i64::MAX),
        Kind::Scale { low, high } => integers(array, low, high),
        Kind::Float => {
            let doubles = plain(array, &DataType::Float64)?;
            convert::<Float64Type, Float64Type>(&doubles, |number| number.is_finite().then_some(number))
        }
        Kind::Decimal { precision, scale } => decimals(array, precision, scale),
        Kind::Date if *array.data_type() == DataType::Date64 => {
            convert::<Date64Type, Date32Type>(array, |milliseconds| {
                let day = DAY / 1_000;
                (milliseconds % day == 0).then(|| i32::try_from(milliseconds / day).ok())?
            })
        }
        Kind::Date => Ok(array.clone()),
        Kind::Instant(ref zone) => instants(array, zone),
    }
}

/// Arrow's own cast, where it is exact.
fn plain(array: &ArrayRef, to: &DataType) -> Result<ArrayRef, Misfit> {
    let options = CastOptions { safe: false, ..CastOptions::default() };
    compute::cast_with_options(array, to, &options).map_err(|error| Misfit { row: 0, value: error.to_string() })
}

/// Each value through `each`, or the first that has no counterpart.
fn convert<From: ArrowPrimitiveType, To: ArrowPrimitiveType>(
    array: &ArrayRef,
    each: impl Fn(From::Native) -> Option<To::Native>,
) -> Result<ArrayRef, Misfit> {
    let stored: &PrimitiveArray<From> = array.as_primitive();
    let mut values = PrimitiveBuilder::<To>::with_capacity(stored.len());
    for (row, value) in stored.iter().enumerate() {
        let value = match value {
            Some(value) => Some(each(value).ok_or_else(|| misfit(array, row))?),
            None => None,
        };
        values.append_option(value);
    }
    Ok(Arc::new(values.finish()))
}

fn misfit(array: &ArrayRef, row: usize) -> Misfit {
    Misfit { row, value: array_value_to_string(array, row).unwrap_or_default() }
}

fn integers(array: &ArrayRef, low: i64, high: i64) -> Result<ArrayRef, Misfit> {
    let within = |number: i64| (low..=high).contains(&number).then_some(number);
    match *array.data_type() {
        DataType::UInt64 => convert::<UInt64Type, Int64Type>(array, |number| within(i64::try_from(number).ok()?)),
        DataType::Decimal32(precision, _) | DataType::Decimal64(precision, _) | DataType::Decimal128(precision, _) => {
            let wide = plain(array, &DataType::Decimal128(precision, 0))?;
            convert::<Decimal128Type, Int64Type>(&wide, |number| within(i64::try_from(number).ok()?))
        }
        _ => convert::<Int64Type, Int64Type>(&plain(array, &DataType::Int64)?, within),
    }
}

fn decimals(array: &ArrayRef, precision: u8, scale: i8) -> Result<ArrayRef, Misfit> {
    let rescaled = |number: i128, stored: i8| {
        let missing = u32::try_from(scale - stored).ok()?;
        let number = number.checked_mul(10_i128.checked_pow(missing)?)?;
        (number.unsigned_abs() < 10_u128.checked_pow(u32::from(precision))?).then_some(number)
    };
    let values = match *array.data_type() {
        DataType::Decimal32(digits, stored)
        | DataType::Decimal64(digits, stored)
        | DataType::Decimal128(digits, stored) => {
            let wide = plain(array, &DataType::Decimal128(digits, stored))?;
            convert::<Decimal128Type, Decimal128Type>(&wide, |number| rescaled(number, stored))?
        }
        DataType::UInt64 => convert::<UInt64Type, Decimal128Type>(array, |number| rescaled(i128::from(number), 0))?,
        _ => {
            let wide = plain(array, &DataType::Int64)?;
            convert::<Int64Type, Decimal128Type>(&wide, |number| rescaled(i128::from(number), 0))?
        }
    };
    // The builder writes the default precision and scale; the numbers are already those of the declared one.
    let typed = values.as_primitive::<Decimal128Type>().clone().with_data_type(DataType::Decimal128(precision, scale));
    Ok(Arc::new(typed))
}

fn instants(array: &ArrayRef, zone: &TimeZone) -> Result<ArrayRef, Misfit> {
    let zoned = matches!(array.data_type(), DataType::Timestamp(_, Some(_)));
    let shown = |moment: i64| if zoned { wall_clock(moment, zone) } else { Some(moment) };
    match array.data_type() {
        DataType::Timestamp(TimeUnit::Second, _) => {
            convert::<TimestampSecondType, TimestampMicrosecondType>(array, |time| shown(time.checked_mul(1_000_000)?))
        }
        DataType::Timestamp(TimeUnit::Millisecond, _) => {
            convert::<TimestampMillisecondType, TimestampMicrosecondType>(array, |time| shown(time.checked_mul(1_000)?))
        }
        DataType::Timestamp(TimeUnit::Nanosecond, _) => {
            let exact = |time: i64| (time % 1_000 == 0).then_some(time / 1_000);
            convert::<TimestampNanosecondType, TimestampMicrosecondType>(array, |time| shown(exact(time)?))
        }
        DataType::Date32 => convert::<Date32Type, TimestampMicrosecondType>(array, |day| Some(i64::from(day) * DAY)),
        _ => convert::<TimestampMicrosecondType, TimestampMicrosecondType>(array, shown),
    }
}
