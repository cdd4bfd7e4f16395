//! Lineage as OpenLineage's events: each metric is a job that reads tables and files and gives a dataset.
//!
//! The job's namespace is the project. The namespace of a table is the engine and the name of the target, for how to connect
//! to it is nobody's business here; of a file it is `file`.

use crate::meaning::sensitivity_word;
use groma_model::lineage::{How, Lineage, Place, Roots};
use groma_model::types::{Base, Type};
use groma_model::{Grouping, MetricId, Model, Origin, Sensitivity, SourceId};
use groma_project::Target;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const SPECIFICATION: &str = "https://openlineage.io/spec";
const EVENT: &str = "2-0-2/OpenLineage.json#/$defs/JobEvent";

/// What events are about.
pub(crate) struct Events<'a> {
    pub(crate) model: &'a Model,
    pub(crate) project: &'a str,
    pub(crate) target: &'a Target,
    pub(crate) time: Timestamp,
}

/// A file or a table: (namespace, name).
type Dataset = (String, String);

impl Events<'_> {
    /// A JobEvent for each metric, one on each line.
    pub(crate) fn write(&self, lineage: &mut Lineage<'_>, metrics: &[MetricId]) -> String {
        metrics.iter().map(|id| format!("{}\n", self.event(lineage, *id))).collect()
    }

    fn event(&self, lineage: &mut Lineage<'_>, id: MetricId) -> Value {
        let roots = lineage.metric(id);
        let mut all: Vec<Place> = roots.keys().cloned().collect();
        let mut fields = Map::new();
        for grouping in self.model.metric(id).by.iter().flatten() {
            let roots = self.of_grouping(lineage, grouping);
            all.extend(roots.keys().cloned());
            let inputs = self.inputs_of(&roots, How::is_direct, false);
            fields.insert(grouping.name.to_string(), json!({ "inputFields": inputs }));
        }
        let masked = declassifies(self.model, id);
        let inputs = self.inputs_of(&roots, How::is_direct, masked);
        fields.insert("value".to_owned(), json!({ "inputFields": inputs }));
        let facet = self.facet(
            "ColumnLineageDatasetFacet",
            "1-2-0",
            json!({ "fields": fields, "dataset": self.inputs_of(&roots, |how| !how.is_direct(), false) }),
        );
        let (namespace, name) = self.output(id);
        json!({
            "eventTime": self.time.to_string(),
            "producer": producer(),
            "schemaURL": format!("{SPECIFICATION}/{EVENT}"),
            "job": { "namespace": self.project, "name": self.model.metric(id).header.name.as_str(), "facets": self.job(id) },
            "inputs": self.datasets(&all),
            "outputs": [{
                "namespace": namespace,
                "name": name,
                "facets": { "schema": self.output_schema(id), "columnLineage": facet },
            }],
        })
    }

    fn of_grouping(&self, lineage: &mut Lineage<'_>, grouping: &Grouping) -> Roots {
        let mut roots = Roots::new();
        for (source, value) in &grouping.values {
            for (place, ways) in lineage.expression(*source, value, How::Identity) {
                roots.entry(place).or_default().extend(ways);
            }
        }
        roots
    }

    fn job(&self, id: MetricId) -> Value {
        let metric = self.model.metric(id);
        let mut facets = Map::new();
        if let Some(doc) = &metric.header.doc {
            let own = json!({ "description": doc, "contentType": "text/markdown" });
            facets.insert("documentation".to_owned(), self.facet("DocumentationJobFacet", "1-1-0", own));
        }
        if let Some(team) = metric.owner {
            let name = format!("team:{}", self.model.teams[team.index()].header.name);
            let own = json!({ "owners": [{ "name": name, "type": "OWNER" }] });
            facets.insert("ownership".to_owned(), self.facet("OwnershipJobFacet", "1-0-1", own));
        }
        let own = json!({ "processingType": "BATCH", "integration": "GROMA", "jobType": "METRIC" });
        facets.insert("jobType".to_owned(), self.facet("JobTypeJobFacet", "2-0-4", own));
        let mut tags = vec![tag("sensitivity", sensitivity_word(self.model.sensitivity(id)))];
        tags.extend(metric.governed.cell.map(|cell| tag("cell", &cell.to_string())));
        facets.insert("tags".to_owned(), self.facet("TagsJobFacet", "1-0-0", json!({ "tags": tags })));
        Value::Object(facets)
    }

    /// A facet of the specification in a version.
    fn facet(&self, name: &str, version: &str, own: Value) -> Value {
        let schema = format!("{SPECIFICATION}/facets/{version}/{name}.json#/$defs/{name}");
        let mut facet = json!({ "_producer": producer(), "_schemaURL": schema });
        if let (Some(facet), Value::Object(own)) = (facet.as_object_mut(), own) {
            facet.extend(own);
        }
        facet
    }

    /// The columns that something rests on in the ways that are meant. What an aggregate takes from personal columns is masked,
    /// if it declassifies them.
    fn inputs_of(&self, roots: &Roots, meant: impl Fn(How) -> bool, declassified: bool) -> Vec<Value> {
        let mut inputs = Vec::new();
        for (place, ways) in roots {
            let personal = declassified && self.class(place) >= Sensitivity::Personal;
            let masks = |how: How| personal && how == How::Aggregation;
            let ways = ways.iter().map(|(how, _)| *how).filter(|how| meant(*how));
            let ways: Vec<Value> = ways
                .map(|how| json!({ "type": how.type_word(), "subtype": how.subtype_word(), "masking": masks(how) }))
                .collect();
            if ways.is_empty() {
                continue;
            }
            let (namespace, name) = self.dataset(place);
            let field = self.field_name(place);
            inputs.push(json!({ "namespace": namespace, "name": name, "field": field, "transformations": ways }));
        }
        inputs
    }

    fn class(&self, place: &Place) -> Sensitivity {
        match place {
            Place::Column(source, column) => self.model.column(*source, *column).sensitivity,
            Place::Undeclared(..) | Place::Table(_) => Sensitivity::default(),
        }
    }

    /// The column of a place; of a table that nothing declares, `*`.
    fn field_name(&self, place: &Place) -> String {
        match place {
            Place::Column(source, column) => self.model.column(*source, *column).name.to_string(),
            Place::Undeclared(_, column) => column.to_string(),
            Place::Table(_) => "*".to_owned(),
        }
    }

    fn namespace(&self) -> String {
        format!("{}://{}", self.target.engine, self.target.name)
    }

    fn output(&self, id: MetricId) -> Dataset {
        (self.namespace(), format!("{}.{}", self.project, self.model.metric(id).header.name))
    }

    fn dataset(&self, place: &Place) -> Dataset {
        match place {
            Place::Column(source, _) => self.of_source(*source),
            Place::Undeclared(table, _) | Place::Table(table) => (self.namespace(), table.to_string()),
        }
    }

    fn of_source(&self, id: SourceId) -> Dataset {
        let source = self.model.source(id);
        match &source.origin {
            Origin::File { pattern, .. } if self.target.is_embedded() => {
                let file = self.target.file(source).unwrap_or(pattern);
                let folder = self.target.data.trim_end_matches('/');
                let name = if matches!(folder, "" | ".") { file.to_owned() } else { format!("{folder}/{file}") };
                ("file".to_owned(), name)
            }
            _ => (self.namespace(), self.target.table(source).join(".")),
        }
    }

    /// The files and tables behind places, each once, with the columns they are declared with.
    fn datasets(&self, places: &[Place]) -> Vec<Value> {
        let mut datasets: BTreeMap<Dataset, Option<SourceId>> = BTreeMap::new();
        for place in places {
            let source = if let Place::Column(source, _) = place { Some(*source) } else { None };
            let known = datasets.entry(self.dataset(place)).or_default();
            *known = known.or(source);
        }
        let dataset = |((namespace, name), source): (Dataset, Option<SourceId>)| match source {
            Some(source) => {
                json!({ "namespace": namespace, "name": name, "facets": { "schema": self.source_schema(source) } })
            }
            None => json!({ "namespace": namespace, "name": name }),
        };
        datasets.into_iter().map(dataset).collect()
    }

    fn source_schema(&self, source: SourceId) -> Value {
        let columns = self.model.source(source).columns.iter();
        let fields: Vec<Value> =
            columns.map(|column| Self::field(&column.name, &column.ty, column.doc.as_deref())).collect();
        self.facet("SchemaDatasetFacet", "1-2-0", json!({ "fields": fields }))
    }

    fn output_schema(&self, id: MetricId) -> Value {
        let metric = self.model.metric(id);
        let mut fields = vec![Self::field("period", &Type::plain(Base::Date), Some("The first day of the period."))];
        for grouping in metric.by.iter().flatten() {
            if !fields.iter().any(|field| field["name"] == grouping.name.as_str()) {
                fields.push(Self::field(&grouping.name, &grouping.ty, None));
            }
        }
        let value = Type::of(metric.measure.ty.base.clone(), metric.unit.clone());
        fields.push(Self::field("value", &value, metric.header.doc.as_deref()));
        self.facet("SchemaDatasetFacet", "1-2-0", json!({ "fields": fields }))
    }

    fn field(name: &str, ty: &Type, doc: Option<&str>) -> Value {
        let mut field = json!({ "name": name, "type": type_word(ty) });
        if let Some(doc) = doc {
            field["description"] = Value::from(doc);
        }
        field
    }
}

/// Whether an aggregate over many customers takes the class of its columns from a metric's values.
fn declassifies(model: &Model, id: MetricId) -> bool {
    model.sensitivity(id) >= Sensitivity::Personal && model.metric(id).governed.cell.is_some()
}

/// The word for a type, as declarations write it.
fn type_word(ty: &Type) -> String {
    match &ty.base {
        Base::Unknown | Base::Null => "unknown".to_owned(),
        Base::Bool => "bool".to_owned(),
        Base::Int => "int".to_owned(),
        Base::Real => "float".to_owned(),
        Base::Decimal { precision, scale } => format!("decimal({precision}, {scale})"),
        Base::Text => "text".to_owned(),
        // What its key is, is the customer's business.
        Base::Customer(_) => "reference".to_owned(),
        Base::Verbatim => "verbatim".to_owned(),
        Base::Date => "date".to_owned(),
        Base::Instant { zone } => format!("instant in \"{zone}\""),
        Base::Scale { low, high } => format!("scale({low} to {high})"),
    }
}

fn tag(key: &str, value: &str) -> Value {
    json!({ "key": key, "value": value, "source": "GROMA" })
}

/// Who tells this.
fn producer() -> String {
    format!("urn:groma:{}", env!("CARGO_PKG_VERSION"))
}
