//! The parts of the Open Data Contract Standard 3.1 that are written. What is not known is left out, never made up.

use serde::Serialize;
use serde_json::Value;

/// The version of the standard.
pub(super) const API_VERSION: &str = "v3.1.0";

/// A contract.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Contract {
    pub(super) api_version: &'static str,
    pub(super) kind: &'static str,
    pub(super) id: String,
    pub(super) name: String,
    pub(super) version: String,
    pub(super) status: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) tags: Vec<String>,
    pub(super) description: Description,
    pub(super) schema: Vec<Object>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) sla_properties: Vec<Promise>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) team: Option<Team>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) support: Vec<Support>,
    pub(super) custom_properties: Vec<Custom>,
}

/// What it is about, in words.
#[derive(Debug, Serialize)]
pub(super) struct Description {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) purpose: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) usage: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) limitations: Option<String>,
}

/// A table: the answers of a metric.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Object {
    pub(super) name: String,
    pub(super) logical_type: &'static str,
    pub(super) physical_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) business_name: Option<String>,
    pub(super) data_granularity_description: String,
    pub(super) properties: Vec<Property>,
    pub(super) quality: Vec<Quality>,
}

/// A column of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Property {
    pub(super) name: String,
    pub(super) logical_type: &'static str,
    pub(super) description: String,
    pub(super) required: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) primary_key: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) primary_key_position: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) classification: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) transform_source_objects: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) transform_logic: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) quality: Vec<Quality>,
}

/// What must hold of it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Quality {
    pub(super) name: String,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) description: String,
    pub(super) dimension: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) metric: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) arguments: Option<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) must_be: Option<i64>,
}

/// Something that is promised about time.
#[derive(Debug, Serialize)]
pub(super) struct Promise {
    pub(super) property: &'static str,
    pub(super) value: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) unit: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) element: Option<String>,
    pub(super) description: String,
}

/// Who answers.
#[derive(Debug, Serialize)]
pub(super) struct Team {
    pub(super) name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    pub(super) members: Vec<Member>,
}

/// One of them.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Member {
    pub(super) username: String,
    pub(super) role: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) date_in: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) date_out: Option<String>,
}

/// Where to ask.
#[derive(Debug, Serialize)]
pub(super) struct Support {
    pub(super) channel: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) url: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) tool: Option<&'static str>,
    pub(super) description: &'static str,
}

/// What the standard has no word for.
#[derive(Debug, Serialize)]
pub(super) struct Custom {
    pub(super) property: &'static str,
    pub(super) value: Value,
}
