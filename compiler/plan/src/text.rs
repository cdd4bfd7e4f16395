//! Row expressions as short text: the key by which equal expressions are found, and the names of columns.
//!
//! Two expressions over one source have the same text exactly when they say the same, wherever they stand in the files.

use groma_model::row::{Binary, ColumnPath, Each, Hop, Literal, RowExpr, RowKind};
use groma_model::types::Base;
use groma_model::{CustomerId, Model, SourceId};

/// The expression as text, over the rows of `source`.
pub(crate) fn text_of(model: &Model, source: SourceId, expr: &RowExpr) -> String {
    let mut writer = Writer { model, source, text: String::new() };
    writer.bare(expr);
    writer.text
}

/// The name of a joined customer: `account`, `user.account`; with the reference where a source has several to one customer.
pub(crate) fn hops_text(model: &Model, source: SourceId, hops: &[Hop]) -> String {
    let mut names = Vec::with_capacity(hops.len());
    let mut at = source;
    for hop in hops {
        let customer = model.customer(hop.customer);
        let name = customer.header.name.as_str();
        if references(model, at, hop.customer) > 1 {
            names.push(format!("{name}({})", model.column(at, hop.column).name));
        } else {
            names.push(name.to_owned());
        }
        at = customer.source;
    }
    names.join(".")
}

fn references(model: &Model, source: SourceId, customer: CustomerId) -> usize {
    model.source(source).columns.iter().filter(|column| column.ty.base == Base::Customer(customer)).count()
}

struct Writer<'a> {
    model: &'a Model,
    source: SourceId,
    text: String,
}

impl Writer<'_> {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn operand(&mut self, expr: &RowExpr) {
        match expr.kind {
            RowKind::Literal(_) | RowKind::Column(_) | RowKind::Each(_) | RowKind::Call { .. } => self.bare(expr),
            _ => {
                self.push("(");
                self.bare(expr);
                self.push(")");
            }
        }
    }

    fn bare(&mut self, expr: &RowExpr) {
        match &expr.kind {
            RowKind::Unknown => self.push("unknown()"),
            RowKind::Parameter(name) => self.push(&format!("parameter({name})")),
            RowKind::Literal(literal) => self.literal(literal),
            RowKind::Column(path) => self.column(path),
            RowKind::Each(Each::Value) => self.push("each"),
            RowKind::Each(Each::Reached) => self.push("reached"),
            RowKind::Each(Each::Entered) => self.push("entered"),
            RowKind::Not(operand) => self.prefixed("not ", operand),
            RowKind::Minus(operand) => self.prefixed("-", operand),
            RowKind::Binary { operator, left, right } => {
                self.operand(left);
                self.push(binary_word(*operator));
                self.operand(right);
            }
            RowKind::In { operand, list, negated } => {
                self.operand(operand);
                self.push(if *negated { " not in (" } else { " in (" });
                self.list(list);
                self.push(")");
            }
            RowKind::IsNull { operand, negated } => {
                self.operand(operand);
                self.push(if *negated { " is not null" } else { " is null" });
            }
            RowKind::Like { operand, pattern, negated } => {
                self.operand(operand);
                self.push(if *negated { " not like " } else { " like " });
                self.operand(pattern);
            }
            RowKind::Case { branches, otherwise } => self.case(branches, otherwise.as_deref()),
            RowKind::Call { function, arguments } => {
                self.push(function.word());
                self.push("(");
                self.list(arguments);
                self.push(")");
            }
            RowKind::Shift { operand, months, days } => {
                self.operand(operand);
                if *months != 0 {
                    self.push(&format!(" {} {} months", sign(*months), months.unsigned_abs()));
                }
                if *days != 0 || *months == 0 {
                    self.push(&format!(" {} {} days", sign(*days), days.unsigned_abs()));
                }
            }
        }
    }

    fn prefixed(&mut self, prefix: &str, operand: &RowExpr) {
        self.push(prefix);
        self.operand(operand);
    }

    fn list(&mut self, items: &[RowExpr]) {
        for (position, item) in items.iter().enumerate() {
            if position > 0 {
                self.push(", ");
            }
            self.bare(item);
        }
    }

    fn case(&mut self, branches: &[(RowExpr, RowExpr)], otherwise: Option<&RowExpr>) {
        self.push("case");
        for (when, then) in branches {
            self.push(" when ");
            self.operand(when);
            self.push(" then ");
            self.operand(then);
        }
        if let Some(otherwise) = otherwise {
            self.push(" else ");
            self.operand(otherwise);
        }
        self.push(" end");
    }

    fn column(&mut self, path: &ColumnPath) {
        if !path.hops.is_empty() {
            let prefix = hops_text(self.model, self.source, &path.hops);
            self.push(&prefix);
            self.push(".");
        }
        let model = self.model;
        self.push(&model.column(path.source, path.column).name);
    }

    fn literal(&mut self, literal: &Literal) {
        match literal {
            Literal::Null => self.push("null"),
            Literal::Bool(value) => self.push(if *value { "true" } else { "false" }),
            Literal::Int(value) => self.push(&value.to_string()),
            Literal::Decimal(digits) => self.push(digits),
            Literal::Text(text) => self.push(&format!("'{}'", text.replace('\'', "''"))),
            Literal::Date(date) => self.push(&date.to_string()),
        }
    }
}

fn sign(amount: i64) -> char {
    if amount < 0 { '-' } else { '+' }
}

fn binary_word(operator: Binary) -> &'static str {
    match operator {
        Binary::Or => " or ",
        Binary::And => " and ",
        Binary::Equal => " = ",
        Binary::NotEqual => " <> ",
        Binary::Less => " < ",
        Binary::LessEqual => " <= ",
        Binary::Greater => " > ",
        Binary::GreaterEqual => " >= ",
        Binary::Add => " + ",
        Binary::Subtract => " - ",
        Binary::Multiply => " * ",
        Binary::Divide => " / ",
        Binary::Remainder => " % ",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::build::{ORDERS, col, column, date_value, int, op, row, shop, text};
    use groma_model::types::Type;

    #[test]
    fn equal_expressions_have_equal_text_wherever_they_stand() {
        let mut model = shop("UTC");
        let large = |model: &Model, than| op(Binary::Greater, col(model, ORDERS, "amount"), int(than));
        let said = text_of(&model, ORDERS, &large(&model, 50));
        assert_eq!(said, "amount > 50");
        assert_eq!(said, text_of(&model, ORDERS, &large(&model, 50)));
        assert_ne!(said, text_of(&model, ORDERS, &large(&model, 51)));
        let region = op(Binary::Equal, col(&model, ORDERS, "account_id.region"), text("it's"));
        let either = op(Binary::Or, region.clone(), large(&model, 1));
        assert_eq!(text_of(&model, ORDERS, &either), "(account.region = 'it''s') or (amount > 1)");
        // With a second reference to the same customer, both say which they are.
        model.sources[ORDERS.index()].columns.push(column("payer_id", Base::Customer(CustomerId(0))));
        assert_eq!(text_of(&model, ORDERS, &region), "account(account_id).region = 'it''s'");
        let payer = col(&model, ORDERS, "payer_id.region");
        assert_eq!(text_of(&model, ORDERS, &payer), "account(payer_id).region");
    }

    #[test]
    fn shifts_say_their_amount() {
        let shifted = |months, days| {
            let operand = Box::new(date_value("2026-01-31"));
            let kind = RowKind::Shift { operand, months, days };
            text_of(&shop("UTC"), ORDERS, &row(kind, Type::plain(Base::Date)))
        };
        assert_eq!(shifted(1, -2), "2026-01-31 + 1 months - 2 days");
        assert_eq!(shifted(0, 0), "2026-01-31 + 0 days");
    }
}
