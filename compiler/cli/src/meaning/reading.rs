//! How a number is to be read: when there is none, which changes matter, what customers weigh.

use super::expression;
use groma_model::additivity::{Additivity, additivity};
use groma_model::unit::Unit;
use groma_model::{Fill, Matters, Metric, MetricId, Model};
use groma_plan::{IntervalMethod, interval_method};
use serde_json::{Value, json};

/// How the number rolls up.
pub(crate) fn rolls_up(model: &Model, id: MetricId) -> String {
    match additivity(model, id) {
        Additivity::Additive => "adds up over periods and over groups".to_owned(),
        Additivity::OverGroups => {
            "adds up over the groups of one period, not over periods: a longer period is computed from the rows"
                .to_owned()
        }
        Additivity::Not { reason } => {
            format!("does not add up, because {reason}: totals and longer periods are computed from the rows")
        }
    }
}

/// The word for how the number rolls up.
pub(crate) fn additivity_word(model: &Model, id: MetricId) -> &'static str {
    match additivity(model, id) {
        Additivity::Additive => "additive",
        Additivity::OverGroups => "over groups",
        Additivity::Not { .. } => "not additive",
    }
}

/// What the interval around the number means, or why there is none.
pub(crate) fn interval(model: &Model, id: MetricId) -> String {
    let method = match interval_method(model, id) {
        IntervalMethod::Wilson => "that of a share, by Wilson's method: it never leaves 0 to 100 %",
        IntervalMethod::AdjustedWald => {
            "that of a difference of two shares, by the adjusted Wald method: ¾ are added to each of the two, and 3 to all"
        }
        IntervalMethod::StudentT => "that of a mean, by Student's t",
        IntervalMethod::OrderStatistics => "two of the ordered values, between which the true one lies",
        IntervalMethod::Linearised => "by linearisation: from how the number moves with what is summed, by Student's t",
        IntervalMethod::None(reason) => return format!("none, because {}", reason.words()),
    };
    // The order of values knows nothing of whose they are.
    let clusters = interval_method(model, id) != IntervalMethod::OrderStatistics;
    format!("{method}{}", dependence(model, model.metric(id), clusters))
}

/// Whether rows of one customer count as one or as many observations.
fn dependence(model: &Model, metric: &Metric, clusters: bool) -> String {
    let rows = metric.population.is_none() && metric.customer_key.is_some();
    let Some(customer) = metric.customer.filter(|_| rows) else { return String::new() };
    let (name, not) = (&model.customer(customer).header.name, if clusters { "not " } else { "" });
    format!("; rows of one `{name}` are {not}taken as independent")
}

/// The word for how the interval is found.
pub(crate) fn interval_word(model: &Model, id: MetricId) -> Option<&'static str> {
    match interval_method(model, id) {
        IntervalMethod::Wilson => Some("wilson"),
        IntervalMethod::AdjustedWald => Some("adjusted wald"),
        IntervalMethod::StudentT => Some("student t"),
        IntervalMethod::OrderStatistics => Some("order statistics"),
        IntervalMethod::Linearised => Some("linearised"),
        IntervalMethod::None(_) => None,
    }
}

/// From how many observations on there is a value.
pub(crate) fn minimum(metric: &Metric) -> String {
    let Some(minimum) = metric.minimum else { return String::new() };
    let what = if metric.population.is_some() { "customers" } else { "observations" };
    format!("fewer than {minimum} {what} give no value (`insufficient`)")
}

/// What stands where nothing was counted.
pub(crate) fn fill(metric: &Metric) -> &'static str {
    match metric.fill {
        Fill::None => "",
        Fill::Zero => "0 where there is nothing to compute from",
        Fill::Previous => "the value of the nearest earlier period, where there is nothing to compute from",
    }
}

/// The word for it, as it is written in the language.
pub(crate) fn fill_word(fill: Fill) -> &'static str {
    match fill {
        Fill::None => "none",
        Fill::Zero => "0",
        Fill::Previous => "previous",
    }
}

/// Which changes are worth acting on.
pub(crate) fn matters(metric: &Metric) -> String {
    let Some(matters) = &metric.matters else { return String::new() };
    let (change, confidence) = (amount(matters, &metric.unit), percent(matters.confidence));
    format!(
        "a change of {change} or more since the period before, told from chance at {confidence} (`--changes` gives the \
         verdict)"
    )
}

fn amount(matters: &Matters, unit: &Unit) -> String {
    match unit {
        Unit::Percent => format!("{} percentage points", plain(matters.change * 100.0)),
        Unit::Any | Unit::None => plain(matters.change),
        unit => format!("{} {unit}", plain(matters.change)),
    }
}

/// `matters` as fields; of a share, the change is a fraction.
pub(crate) fn matters_as_json(metric: &Metric) -> Value {
    let of = |matters: &Matters| json!({ "change": matters.change, "confidence": matters.confidence });
    metric.matters.as_ref().map_or(Value::Null, of)
}

/// What each customer counts for.
pub(crate) fn weight(model: &Model, metric: &Metric) -> String {
    let weight = weight_written(model, metric);
    weight
        .map(|weight| format!("with `--weights` each customer counts for {weight}, beside the plain value"))
        .unwrap_or_default()
}

/// The weight as it is written in the language.
pub(crate) fn weight_written(model: &Model, metric: &Metric) -> Option<String> {
    let (customer, weight) = (metric.customer?, metric.weight.as_ref()?);
    Some(expression::of_customer(model, customer, weight))
}

fn percent(share: f64) -> String {
    format!("{}%", plain(share * 100.0))
}

/// Without the noise of doubles: 0.07 · 100 is 7.
pub(crate) fn plain(number: f64) -> String {
    let text = format!("{number:.9}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
