//! From a path such as `account.region` to a column, climbing references that are many-to-one.

use crate::check::names::{dotted, listed, nearest};
use crate::model::{Column, ColumnId, Customer, CustomerId, Model, SegmentId, SourceId};
use crate::row::{ColumnPath, Hop, RowExpr, RowKind};
use crate::schema::Kind;
use crate::types::{Base, Type};
use groma_syntax::ast::Name;
use groma_syntax::{Code, Diagnostic, Span};

/// A column that is not there.
pub(crate) static UNKNOWN_COLUMN: Code =
    Code::error("name/unknown-column", "An expression reads a column that its source does not declare.");
/// An attribute that is not there.
pub(crate) static UNKNOWN_DIMENSION: Code =
    Code::error("name/unknown-dimension", "A path asks for an attribute that its customer does not have.");
/// A path with two meanings.
pub(crate) static AMBIGUOUS_PATH: Code = Code::error("name/ambiguous-path", "A path can be read in more than one way.");
/// From one to many.
pub(crate) static FAN_OUT: Code =
    Code::error("join/fan-out", "A path goes from one row to many, which would count rows several times.");
/// Nothing leads there.
pub(crate) static UNREACHABLE: Code =
    Code::error("join/unreachable", "Nothing links a source to what a path asks of it.");
/// An attribute that a customer does not offer.
pub(crate) static NOT_OFFERED: Code =
    Code::error("name/not-offered", "A path asks for a column that its customer does not list under `has`.");

/// A path being read, seen from a source.
pub(crate) struct Walk<'m> {
    pub(crate) model: &'m Model,
    pub(crate) source: SourceId,
    pub(crate) path: &'m [Name],
    pub(crate) span: Span,
}

impl Walk<'_> {
    /// The column or condition that the path means. `Ok(None)`: already reported elsewhere.
    pub(crate) fn resolve(&self) -> Result<Option<RowExpr>, Diagnostic> {
        let Some((first, rest)) = self.path.split_first() else { return Ok(None) };
        // A key is often called like its customer: only the customer leads further.
        let leads_on = |column: &Column| {
            let is_reference = matches!(column.ty.base, Base::Customer(_) | Base::Unknown);
            rest.is_empty() || is_reference || self.model.names.get(Kind::Customer, &first.text).is_none()
        };
        if let Some((id, column)) = column_named(self.model, self.source, &first.text)
            && leads_on(column)
        {
            return match (rest, &column.ty.base) {
                ([], _) => Ok(Some(self.column(Vec::new(), self.source, id, column.ty.clone()))),
                (_, Base::Customer(customer)) => {
                    self.attribute(vec![Hop { column: id, customer: *customer }], *customer, rest)
                }
                (_, Base::Unknown) => Ok(None),
                _ => Err(UNKNOWN_COLUMN
                    .finding(format!("`{}` is not a reference, so it has no `{}`", first.text, dotted(rest)))
                    .at(self.span, "only a reference to a customer leads further")
                    .help(format!("use `{}` itself, or give the column the type of a customer", first.text))),
            };
        }
        if first.text == self.model.source(self.source).header.name && !rest.is_empty() {
            return Walk { path: rest, ..*self }.resolve();
        }
        if let Some(customer) = self.model.names.get(Kind::Customer, &first.text).map(CustomerId) {
            return match self.route(customer)? {
                Some(hops) => self.attribute(hops, customer, rest),
                None => Ok(None),
            };
        }
        if rest.is_empty()
            && let Some(id) = self.model.names.get(Kind::Segment, &first.text)
        {
            return self.segment(SegmentId(id));
        }
        self.unknown_first(first)
    }

    /// The condition of a segment.
    pub(crate) fn segment(&self, id: SegmentId) -> Result<Option<RowExpr>, Diagnostic> {
        let segment = &self.model.segments[id.index()];
        if segment.header.broken {
            return Ok(None);
        }
        let mut condition = match self.route(segment.customer)? {
            Some(hops) => segment.condition.reached_through(&hops),
            None => return Ok(None),
        };
        condition.span = self.span;
        Ok(Some(condition))
    }

    /// The only way up to a customer. `Ok(None)`: what is missing was already reported.
    pub(crate) fn route(&self, customer: CustomerId) -> Result<Option<Vec<Hop>>, Diagnostic> {
        let declared = self.model.customer(customer);
        if declared.header.broken {
            return Ok(None);
        }
        if declared.source == self.source {
            return Ok(Some(Vec::new()));
        }
        let mut routes = direct_or_all(routes(self.model, self.source, customer));
        match routes.as_slice() {
            [_] => Ok(routes.pop()),
            [] if self.model.source(self.source).header.broken => Ok(None),
            [] => Err(self.no_route(customer)),
            [first, second, ..] => {
                let rest = self.path.get(1..).unwrap_or_default();
                let full = |route: &[Hop]| {
                    let start = route_name(self.model, self.source, route);
                    if rest.is_empty() { start } else { format!("{start}.{}", dotted(rest)) }
                };
                let (first, second) = (full(first), full(second));
                Err(AMBIGUOUS_PATH
                    .finding(format!(
                        "`{}` can be reached in {} ways from `{}`",
                        dotted(self.path),
                        routes.len(),
                        self.model.source(self.source).header.name
                    ))
                    .at(self.span, format!("`{first}` or `{second}`?"))
                    .help(format!("name the column it goes through: `{first}` or `{second}`")))
            }
        }
    }

    fn attribute(
        &self,
        mut hops: Vec<Hop>,
        customer: CustomerId,
        rest: &[Name],
    ) -> Result<Option<RowExpr>, Diagnostic> {
        let declared = self.model.customer(customer);
        if declared.header.broken {
            return Ok(None);
        }
        let Some((first, further)) = rest.split_first() else {
            return Ok(Some(self.reference(hops, customer)));
        };
        if let (Some((parent, column)), Some(named)) =
            (declared.parent, self.model.names.get(Kind::Customer, &first.text))
            && parent == CustomerId(named)
        {
            hops.push(Hop { column, customer: parent });
            return self.attribute(hops, parent, further);
        }
        if !further.is_empty() {
            return Err(UNKNOWN_COLUMN
                .finding(format!("`{}` of `{}` has no parts", first.text, declared.header.name))
                .at(self.span, "the path goes on after its last step")
                .help(format!("end the path at `{}`", first.text)));
        }
        if let Some(column) = special_column(self.model, declared, &first.text) {
            let ty = self.model.column(declared.source, column).ty.clone();
            return Ok(Some(self.column(hops, declared.source, column, ty)));
        }
        if let Some(attribute) = declared.has.iter().find(|attribute| attribute.name == first.text) {
            let mut value = attribute.value.reached_through(&hops);
            value.span = self.span;
            return Ok(Some(value));
        }
        if let Some(id) = self.model.names.get(Kind::Segment, &first.text).map(SegmentId)
            && self.model.segments[id.index()].customer == customer
        {
            let mut condition = self.model.segments[id.index()].condition.reached_through(&hops);
            condition.span = self.span;
            return Ok(Some(condition));
        }
        self.unknown_attribute(declared, first)
    }

    fn unknown_attribute(&self, declared: &Customer, name: &Name) -> Result<Option<RowExpr>, Diagnostic> {
        let own = &declared.header;
        if self.model.source(declared.source).header.broken {
            return Ok(None);
        }
        // The customer's own source may read all of its columns.
        if let Some((id, column)) = column_named(self.model, declared.source, &name.text) {
            if self.source == declared.source {
                return Ok(Some(self.column(Vec::new(), self.source, id, column.ty.clone())));
            }
            return Err(NOT_OFFERED
                .finding(format!("`{}` does not offer `{}` to metrics", own.name, name.text))
                .at(self.span, format!("`{}` is not under `has`", name.text))
                .also(own.span, "the customer is declared here")
                .help(format!("add `{}` to `has:` of customer `{}`", name.text, own.name)));
        }
        let offered: Vec<&str> = declared.has.iter().map(|attribute| attribute.name.as_str()).collect();
        let help = match nearest(&name.text, offered.iter().copied()) {
            Some(near) => format!("did you mean `{}.{near}`?", own.name),
            None => format!("`{}` offers {}", own.name, listed(offered.iter().copied())),
        };
        Err(UNKNOWN_DIMENSION
            .finding(format!("customer `{}` has no `{}`", own.name, name.text))
            .at(self.span, "neither an attribute nor a segment of it")
            .also(own.span, "the customer is declared here")
            .help(help))
    }

    fn unknown_first(&self, first: &Name) -> Result<Option<RowExpr>, Diagnostic> {
        let source = self.model.source(self.source);
        if source.header.broken {
            return Ok(None);
        }
        if let Some(many) = self.model.names.get(Kind::Source, &first.text).map(SourceId) {
            return Err(self.no_way_to_source(many));
        }
        let columns = source.columns.iter().map(|column| column.name.as_str());
        let customers = self.model.customers.iter().map(|customer| customer.header.name.as_str());
        let offered = self.offered();
        let attribute = nearest(&first.text, offered.iter().map(|(_, name)| *name));
        let owner =
            offered.iter().find(|(_, name)| Some(*name) == attribute).map(|(owner, name)| format!("{owner}.{name}"));
        let help = match nearest(&first.text, columns.clone().chain(customers)).map(str::to_owned).or(owner) {
            Some(near) => format!("did you mean `{near}`?"),
            None => match split_at_hyphen(&first.text, &source.columns) {
                Some(split) => {
                    format!("a name may hold hyphens; for a subtraction put blanks around the minus: `{split}`")
                }
                None => format!("`{}` has {}", source.header.name, listed(columns)),
            },
        };
        Err(UNKNOWN_COLUMN
            .finding(format!("source `{}` has no column `{}`", source.header.name, first.text))
            .at(first.span, "no such column")
            .also(source.header.span, "the source is declared here")
            .help(help))
    }

    /// What the customers that rows lead to offer, each with the name of its customer.
    fn offered(&self) -> Vec<(&str, &str)> {
        let customers = reachable_customers(self.model, self.source).into_iter().map(|id| self.model.customer(id));
        customers
            .flat_map(|customer| {
                customer.has.iter().map(|attribute| (customer.header.name.as_str(), attribute.name.as_str()))
            })
            .collect()
    }

    fn reference(&self, mut hops: Vec<Hop>, customer: CustomerId) -> RowExpr {
        let ty = Type::plain(Base::Customer(customer));
        let declared = self.model.customer(customer);
        let Some(last) = hops.pop() else {
            return self.column(hops, declared.source, declared.key, ty);
        };
        // The reference itself is the key: the last step needs no join.
        let holder = hops.last().map_or(self.source, |hop| self.model.customer(hop.customer).source);
        self.column(hops, holder, last.column, ty)
    }

    fn no_route(&self, customer: CustomerId) -> Diagnostic {
        let declared = self.model.customer(customer);
        let source = &self.model.source(self.source).header;
        let climbs = reachable_customers(self.model, self.source)
            .into_iter()
            .find(|known| ancestors(self.model, customer).any(|ancestor| ancestor == *known));
        match climbs {
            Some(one) => fan_out(self, &self.model.customer(one).header.name, &declared.header.name, declared.source),
            None => UNREACHABLE
                .finding(format!("nothing links `{}` to customer `{}`", source.name, declared.header.name))
                .at(self.span, format!("`{}` has no column of type `{}`", source.name, declared.header.name))
                .also(source.span, "the source is declared here")
                .help(format!("give the reference its type in `{}`: `…: {}`", source.name, declared.header.name)),
        }
    }

    fn no_way_to_source(&self, many: SourceId) -> Diagnostic {
        let other = &self.model.source(many).header;
        let shared = reachable_customers(self.model, self.source)
            .into_iter()
            .find(|customer| !routes(self.model, many, *customer).is_empty());
        match shared {
            Some(one) => fan_out(self, &self.model.customer(one).header.name, &other.name, many),
            None => UNREACHABLE
                .finding(format!(
                    "`{}` is a source, and nothing links `{}` to it",
                    other.name,
                    self.model.source(self.source).header.name
                ))
                .at(self.span, "a source is read with `from:`, not through a path")
                .also(other.span, "the source is declared here")
                .help(format!("make a metric `from: {}` and combine the two metrics", other.name)),
        }
    }

    fn column(&self, hops: Vec<Hop>, source: SourceId, column: ColumnId, ty: Type) -> RowExpr {
        RowExpr { kind: RowKind::Column(ColumnPath { hops, source, column }), ty, span: self.span }
    }
}

/// A reference to the customer itself is meant before one that only climbs there.
pub(crate) fn direct_or_all(mut routes: Vec<Vec<Hop>>) -> Vec<Vec<Hop>> {
    if routes.iter().filter(|route| route.len() == 1).count() == 1 {
        routes.retain(|route| route.len() == 1);
    }
    routes
}

/// All ways from the references of a source up to a customer, climbing parents.
pub(crate) fn routes(model: &Model, source: SourceId, wanted: CustomerId) -> Vec<Vec<Hop>> {
    let mut routes = Vec::new();
    for (index, column) in model.source(source).columns.iter().enumerate() {
        let Base::Customer(reference) = column.ty.base else { continue };
        if climbs_another_way(model, source, index, reference) {
            continue;
        }
        let mut hops = vec![Hop { column: ColumnId::at(index), customer: reference }];
        let mut at = reference;
        while at != wanted && hops.len() <= model.customers.len() {
            let Some((parent, column)) = model.customers.get(at.index()).and_then(|customer| customer.parent) else {
                break;
            };
            hops.push(Hop { column, customer: parent });
            at = parent;
        }
        if at == wanted {
            routes.push(hops);
        }
    }
    routes
}

/// The way from a source's rows to the key of a customer, without a join for its last step.
///
/// # Errors
/// All ways, when there is not exactly one.
pub(crate) fn key_path(model: &Model, source: SourceId, customer: CustomerId) -> Result<ColumnPath, Vec<Vec<Hop>>> {
    let declared = model.customer(customer);
    if declared.source == source {
        return Ok(ColumnPath { hops: Vec::new(), source, column: declared.key });
    }
    let mut routes = direct_or_all(routes(model, source, customer));
    match (routes.len(), routes.pop()) {
        (1, Some(mut hops)) => match hops.pop() {
            Some(last) => {
                let holder = hops.last().map_or(source, |hop| model.customer(hop.customer).source);
                Ok(ColumnPath { hops, source: holder, column: last.column })
            }
            None => Err(Vec::new()),
        },
        (_, last) => {
            routes.extend(last);
            Err(routes)
        }
    }
}

/// The customers that a source's rows lead to: its own, those it refers to, and their parents.
pub(crate) fn reachable_customers(model: &Model, source: SourceId) -> Vec<CustomerId> {
    let own = own_customers(model, source);
    let referred = model.source(source).columns.iter().filter_map(|column| match column.ty.base {
        Base::Customer(id) => Some(id),
        _ => None,
    });
    let mut found: Vec<CustomerId> = own.chain(referred).flat_map(|id| ancestors(model, id)).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// The customers that a source's rows refer to, each once.
pub(crate) fn referred_customers(model: &Model, source: SourceId) -> Vec<CustomerId> {
    let columns = model.source(source).columns.iter();
    let mut referred: Vec<CustomerId> = columns
        .filter_map(|column| match column.ty.base {
            Base::Customer(id) => Some(id),
            _ => None,
        })
        .collect();
    referred.sort_unstable();
    referred.dedup();
    referred
}

/// The customers that have a row each in the source.
pub(crate) fn own_customers(model: &Model, source: SourceId) -> impl Iterator<Item = CustomerId> {
    (0..model.customers.len()).map(CustomerId::at).filter(move |id| {
        let customer = model.customer(*id);
        customer.source == source && !customer.header.broken
    })
}

/// A column of a source by its name.
pub(crate) fn column_named<'m>(model: &'m Model, source: SourceId, name: &str) -> Option<(ColumnId, &'m Column)> {
    let columns = &model.source(source).columns;
    columns.iter().position(|column| column.name == name).map(|index| (ColumnId::at(index), &columns[index]))
}

/// A customer's own source climbs by its declared parent only: a further reference to the same customer is no second way.
fn climbs_another_way(model: &Model, source: SourceId, column: usize, reference: CustomerId) -> bool {
    model
        .customers
        .iter()
        .filter(|customer| customer.source == source && !customer.header.broken)
        .filter_map(|customer| customer.parent)
        .any(|(parent, declared)| parent == reference && declared.index() != column)
}

fn ancestors(model: &Model, customer: CustomerId) -> impl Iterator<Item = CustomerId> {
    let next = |id: &CustomerId| model.customers.get(id.index()).and_then(|customer| customer.parent).map(|(id, _)| id);
    std::iter::successors(Some(customer), next).take(model.customers.len())
}

fn special_column(model: &Model, customer: &Customer, name: &str) -> Option<ColumnId> {
    match name {
        "since" => customer.since,
        "until" => customer.until,
        _ => (name == model.column(customer.source, customer.key).name).then_some(customer.key),
    }
}

fn fan_out(walk: &Walk<'_>, one: &str, many: &str, many_source: SourceId) -> Diagnostic {
    let source = &walk.model.source(walk.source).header.name;
    let other = &walk.model.source(many_source).header.name;
    FAN_OUT
        .finding(format!("one `{one}` has many `{many}`: each row of `{source}` would be counted once for each of them"))
        .at(walk.span, format!("from one `{one}` to many `{many}`"))
        .also(walk.model.source(many_source).header.span, format!("the rows of `{other}` are declared here"))
        .help(format!(
            "either aggregate `{other}` first, to one row for each `{one}` (a source with a `query: \"\"\"select …, count(*) from {other} \
             group by …\"\"\"`), or count the other way round: a metric `from: {other}`"
        ))
}

fn route_name(model: &Model, source: SourceId, route: &[Hop]) -> String {
    let mut holder = source;
    let mut parts = Vec::new();
    for (index, hop) in route.iter().enumerate() {
        let customer = model.customer(hop.customer);
        let column = &model.column(holder, hop.column).name;
        parts.push(if index == 0 { column.to_string() } else { customer.header.name.to_string() });
        holder = customer.source;
    }
    parts.join(".")
}

fn split_at_hyphen(name: &str, columns: &[Column]) -> Option<String> {
    let (left, right) = name.split_once('-')?;
    columns.iter().any(|column| column.name == left).then(|| format!("{left} - {right}"))
}
