//! Conditions on one thing, with the nulls of SQL: what is not known is neither true nor false.

use super::expression::{Among, Arithmetic, Compare, Function, Node, Quantified, Which};
use super::facts::Facts;
use super::value::{Sort, Thing, Value};
use groma_syntax::Span;
use smol_str::SmolStr;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::rc::Rc;

/// Evaluates the expressions of one rule.
pub(crate) struct Evaluator<'a, 'm> {
    facts: &'a Facts<'m>,
    /// What names stand for, outer ones first.
    things: Vec<Thing>,
    /// A division by zero that was met, and where it is written.
    pub(crate) divided: Option<Span>,
    /// What conditions say that look at nothing but their thing, by the place of the condition: once for each thing.
    known: HashMap<(*const Quantified, Thing), Option<bool>>,
    /// What quantifiers over everything say that look at nothing else.
    everything: HashMap<*const Quantified, Value>,
    /// By attribute: the things that have a text, or a thing of a name.
    indexes: HashMap<(Sort, usize), Index>,
}

impl<'a, 'm> Evaluator<'a, 'm> {
    pub(crate) fn new(facts: &'a Facts<'m>) -> Self {
        Self {
            facts,
            things: Vec::new(),
            divided: None,
            known: HashMap::new(),
            everything: HashMap::new(),
            indexes: HashMap::new(),
        }
    }

    /// Turns to a thing.
    pub(crate) fn look_at(&mut self, thing: Thing) {
        self.things.clear();
        self.things.push(thing);
    }

    /// Whether a condition holds; none where that is not known.
    pub(crate) fn truth(&mut self, node: &'a Node) -> Option<bool> {
        match node {
            Node::And(left, right) => match self.truth(left) {
                Some(false) => Some(false),
                left => and(left, self.truth(right)),
            },
            Node::Or(left, right) => match self.truth(left) {
                Some(true) => Some(true),
                left => or(left, self.truth(right)),
            },
            Node::Not(operand) => self.truth(operand).map(|truth| !truth),
            Node::IsNull { operand, negated } => Some(self.value(operand).is_null() != *negated),
            Node::Compare { how, left, right } => {
                let left = self.value(left);
                if left.is_null() {
                    return None;
                }
                let right = self.value(right);
                compare(self.facts, *how, &left, &right)
            }
            Node::In { item, among, negated } => self.is_among(item, among).map(|found| found != *negated),
            Node::Like { text, pattern, negated } => {
                let (text, pattern) = (self.value(text), self.value(pattern));
                let (Value::Text(text), Value::Text(pattern)) = (&*text, &*pattern) else { return None };
                Some(like(text, pattern) != *negated)
            }
            Node::Quantified(quantified) if quantified.which != Which::Count => match self.quantified(quantified) {
                Value::Bool(truth) => Some(truth),
                _ => None,
            },
            other => match *self.value(other) {
                Value::Bool(truth) => Some(truth),
                _ => None,
            },
        }
    }

    /// The value of an expression.
    pub(crate) fn value(&mut self, node: &'a Node) -> Cow<'a, Value> {
        match node {
            Node::Constant(value) => Cow::Borrowed(value),
            Node::Today => Cow::Owned(Value::Date(self.facts.date)),
            Node::Thing(slot) => Cow::Owned(self.things.get(*slot).map_or(Value::Null, |thing| Value::Thing(*thing))),
            Node::Attribute { of, attribute, .. } => {
                let thing = match &**of {
                    Node::Thing(slot) => self.things.get(*slot).copied(),
                    of => match *self.value(of) {
                        Value::Thing(thing) => Some(thing),
                        _ => None,
                    },
                };
                thing.map_or(Cow::Owned(Value::Null), |thing| Cow::Borrowed(self.facts.attribute(thing, *attribute)))
            }
            Node::Minus(operand) => Cow::Owned(match *self.value(operand) {
                Value::Number(number) => Value::Number(-number),
                _ => Value::Null,
            }),
            Node::Arithmetic { how, left, right, span } => {
                let (left, right) = (self.value(left), self.value(right));
                Cow::Owned(self.arithmetic(*how, &left, &right, *span))
            }
            Node::Shift { date, by } => Cow::Owned(match *self.value(date) {
                Value::Date(date) => Value::Date(by.after(date)),
                _ => Value::Null,
            }),
            Node::Case { branches, otherwise } => {
                for (when, then) in branches {
                    if self.truth(when) == Some(true) {
                        return self.value(then);
                    }
                }
                otherwise.as_deref().map_or(Cow::Owned(Value::Null), |otherwise| self.value(otherwise))
            }
            Node::Call { function, arguments } => self.call(*function, arguments),
            Node::Quantified(quantified) => Cow::Owned(self.quantified(quantified)),
            condition => Cow::Owned(self.truth(condition).into()),
        }
    }

    fn arithmetic(&mut self, how: Arithmetic, left: &Value, right: &Value, span: Span) -> Value {
        let result = calculate(how, left, right);
        if result.is_none() {
            self.divided.get_or_insert(span);
        }
        result.unwrap_or_default()
    }

    fn call(&mut self, function: Function, arguments: &'a [Node]) -> Cow<'a, Value> {
        if function == Function::Coalesce {
            for argument in arguments {
                let value = self.value(argument);
                if !value.is_null() {
                    return value;
                }
            }
            return Cow::Owned(Value::Null);
        }
        let Some(argument) = arguments.first() else { return Cow::Owned(Value::Null) };
        let argument = self.value(argument);
        Cow::Owned(match (function, &*argument) {
            (Function::Count, list) => Value::count(list.items().len()),
            (Function::Lower, Value::Text(text)) => Value::text(Some(&text.to_lowercase())),
            (Function::Upper, Value::Text(text)) => Value::text(Some(&text.to_uppercase())),
            (Function::Length, Value::Text(text)) => Value::count(text.chars().count()),
            (Function::Abs, Value::Number(number)) => Value::Number(number.abs()),
            _ => Value::Null,
        })
    }

    /// Whether something is in a list. A list that was not written holds nothing.
    fn is_among(&mut self, item: &'a Node, among: &'a Among) -> Option<bool> {
        let item = self.value(item);
        if item.is_null() {
            return None;
        }
        match among {
            Among::List(list) => {
                let list = self.value(list);
                let mut items = list.items().iter();
                Some(items.any(|other| compare(self.facts, Compare::Equal, &item, other) == Some(true)))
            }
            Among::Values(values) => {
                let mut found = Some(false);
                for value in values {
                    let value = self.value(value);
                    found = or(found, compare(self.facts, Compare::Equal, &item, &value));
                    if found == Some(true) {
                        break;
                    }
                }
                found
            }
        }
    }

    fn quantified(&mut self, quantified: &'a Quantified) -> Value {
        let key: *const Quantified = quantified;
        let Some((way, of)) = &quantified.relation else {
            if let (true, Some(known)) = (quantified.alone, self.everything.get(&key)) {
                return known.clone();
            }
            let value = match self.candidates(quantified) {
                Some(places) => {
                    self.over(quantified, &mut places.iter().map(|at| Thing { sort: quantified.sort, at: *at }))
                }
                None => {
                    let count = self.facts.count(quantified.sort);
                    self.over(quantified, &mut (0..count).map(|at| Thing::new(quantified.sort, at)))
                }
            };
            if quantified.alone {
                self.everything.insert(key, value.clone());
            }
            return value;
        };
        let Value::Thing(of) = *self.value(of) else { return Value::Null };
        let facts = self.facts;
        let related = facts.relations().related(of, *way, quantified.sort);
        self.over(quantified, &mut related.into_iter())
    }

    /// Of a quantifier over everything that asks for an attribute to equal something: the things whose attribute does, so
    /// that not every thing is compared with every other. None where that does not tell.
    fn candidates(&mut self, quantified: &'a Quantified) -> Option<Rc<[u32]>> {
        let (attribute, other) = quantified.key.as_ref().filter(|_| quantified.which != Which::Every)?;
        let wanted = self.value(other);
        if !matches!(&*wanted, Value::Text(_) | Value::Thing(_)) {
            return None;
        }
        let (facts, sort) = (self.facts, quantified.sort);
        let index = self.indexes.entry((sort, *attribute)).or_insert_with(|| index(facts, sort, *attribute));
        let name = match &*wanted {
            Value::Thing(thing) => facts.name(*thing),
            Value::Text(text) => text.clone(),
            _ => return None,
        };
        // Things are found by their names, as texts are: what is found is compared once more.
        Some(index.get(&name).cloned().unwrap_or_default())
    }

    fn over(&mut self, quantified: &'a Quantified, things: &mut dyn Iterator<Item = Thing>) -> Value {
        let mut count = 0;
        let mut unknown = false;
        for thing in things {
            match (self.holds(quantified, thing), quantified.which) {
                (Some(true), Which::Any) => return Value::Bool(true),
                (Some(true), Which::No) | (Some(false), Which::Every) => return Value::Bool(false),
                (Some(true), _) => count += 1,
                (None, _) => unknown = true,
                (Some(false), _) => {}
            }
        }
        match quantified.which {
            Which::Count => Value::count(count),
            Which::Every if unknown => Value::Null,
            Which::Every | Which::No => Value::Bool(true),
            Which::Any => Value::Bool(false),
        }
    }

    fn holds(&mut self, quantified: &'a Quantified, thing: Thing) -> Option<bool> {
        let Some(condition) = &quantified.condition else { return Some(true) };
        let key = (std::ptr::from_ref(quantified), thing);
        if let (true, Some(known)) = (quantified.alone, self.known.get(&key)) {
            return *known;
        }
        self.things.truncate(quantified.slot);
        self.things.push(thing);
        let truth = self.truth(condition);
        self.things.truncate(quantified.slot);
        if quantified.alone {
            self.known.insert(key, truth);
        }
        truth
    }
}

/// The places of things by the text of an attribute.
type Index = HashMap<SmolStr, Rc<[u32]>>;

fn index(facts: &Facts<'_>, sort: Sort, attribute: usize) -> Index {
    let mut places: HashMap<SmolStr, Vec<u32>> = HashMap::new();
    for at in 0..facts.count(sort) {
        let thing = Thing::new(sort, at);
        match facts.attribute(thing, attribute) {
            Value::Text(text) => places.entry(text.clone()).or_default().push(thing.at),
            Value::Thing(other) => places.entry(facts.name(*other)).or_default().push(thing.at),
            _ => {}
        }
    }
    places.into_iter().map(|(text, places)| (text, places.into())).collect()
}

fn and(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match (left, right) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

fn or(left: Option<bool>, right: Option<bool>) -> Option<bool> {
    match (left, right) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    }
}

/// A comparison of two values; a thing is compared with a text by its name.
pub(crate) fn compare(facts: &Facts<'_>, how: Compare, left: &Value, right: &Value) -> Option<bool> {
    match (left, right) {
        (Value::Thing(thing), Value::Text(_)) => constants(how, &Value::Text(facts.name(*thing)), right),
        (Value::Text(_), Value::Thing(thing)) => constants(how, left, &Value::Text(facts.name(*thing))),
        _ => constants(how, left, right),
    }
}

/// A comparison of two values that are not about things.
pub(crate) fn constants(how: Compare, left: &Value, right: &Value) -> Option<bool> {
    let order = match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.partial_cmp(right)?,
        (Value::Text(left), Value::Text(right)) => left.cmp(right),
        (Value::Date(left), Value::Date(right)) => left.cmp(right),
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        (Value::Thing(left), Value::Thing(right)) => left.cmp(right),
        _ => return None,
    };
    Some(match how {
        Compare::Equal => order == Ordering::Equal,
        Compare::NotEqual => order != Ordering::Equal,
        Compare::Less => order == Ordering::Less,
        Compare::LessEqual => order != Ordering::Greater,
        Compare::Greater => order == Ordering::Greater,
        Compare::GreaterEqual => order != Ordering::Less,
    })
}

/// Numbers, and dates with numbers of days; none for a division by zero.
pub(crate) fn calculate(how: Arithmetic, left: &Value, right: &Value) -> Option<Value> {
    Some(match (how, left, right) {
        (Arithmetic::Divide | Arithmetic::Remainder, Value::Number(_), Value::Number(0.0)) => return None,
        (_, Value::Number(left), Value::Number(right)) => Value::Number(match how {
            Arithmetic::Add => left + right,
            Arithmetic::Subtract => left - right,
            Arithmetic::Multiply => left * right,
            Arithmetic::Divide => left / right,
            Arithmetic::Remainder => left % right,
        }),
        (Arithmetic::Subtract, Value::Date(left), Value::Date(right)) => {
            let days = left.since(*right).map(|span| span.get_days()).unwrap_or_default();
            Value::Number(f64::from(days))
        }
        (Arithmetic::Add, Value::Date(date), Value::Number(days))
        | (Arithmetic::Add, Value::Number(days), Value::Date(date)) => moved(*date, *days),
        (Arithmetic::Subtract, Value::Date(date), Value::Number(days)) => moved(*date, -*days),
        _ => Value::Null,
    })
}

fn moved(date: jiff::civil::Date, days: f64) -> Value {
    // A saturating conversion: what is further away than any date becomes the first or the last.
    let days = jiff::Span::new().days((days.round() as i64).clamp(-7_000_000, 7_000_000));
    Value::Date(date.saturating_add(days))
}

/// Whether a text is like a pattern of SQL: `%` is anything, `_` one character.
fn like(text: &str, pattern: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let pattern: Vec<char> = pattern.chars().collect();
    let (mut at, mut place) = (0, 0);
    let mut again: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(place) {
            Some('%') => {
                again = Some((at, place));
                place += 1;
            }
            Some(wanted) if *wanted == '_' || *wanted == text[at] => {
                at += 1;
                place += 1;
            }
            _ => match &mut again {
                Some((from, star)) => {
                    *from += 1;
                    (at, place) = (*from, *star + 1);
                }
                None => return false,
            },
        }
    }
    pattern[place..].iter().all(|rest| *rest == '%')
}
