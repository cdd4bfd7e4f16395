//! The project itself: what its manifest says of every number.

use super::Presence::Optional;
use super::{Bearing, Kind, KindSchema, Shape, key};

/// It is in no `.groma` file, so it is none of [`super::KINDS`]; it is what changes are about, and what metrics inherit them
/// from: `project calendar`, `project policy`.
pub(super) static PROJECT: KindSchema = KindSchema {
    kind: Kind::Project,
    word: "project",
    plural: "projects",
    doc: "What the manifest says of every number.",
    parameters: false,
    bears: Bearing::Policy,
    keys: &[
        key("timezone", Shape::Text, Optional, "the zone whose days are the project's days").bearing(Bearing::Number),
        key("week_starts", Shape::Text, Optional, "the first day of a week").bearing(Bearing::Number),
        key("fiscal_year_starts", Shape::Text, Optional, "the first month of a fiscal year").bearing(Bearing::Number),
        key("default_grain", Shape::Text, Optional, "the periods of metrics without a `grain`").bearing(Bearing::Cells),
        key("packs", Shape::Words, Optional, "the packs of standard rules that hold"),
        key("levels", Shape::Group, Optional, "rules whose level is another than their own"),
        key("cell", Shape::Form("a whole number"), Optional, "the fewest customers that a number may be about"),
        key("languages", Shape::Words, Optional, "the languages that labels must have"),
        key("territory", Shape::Words, Optional, "where the default target computes"),
        key("identity", Shape::Words, Optional, "which identity counts for rights"),
    ],
};
