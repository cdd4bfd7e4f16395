//! A project of three hundred metrics in which nothing is wrong, and what can be planted in it.
//!
//! Twenty areas are alike, so that each fault has a place of its own; what there is once stands in `company`, `law` and
//! `regions`.

pub mod faults;

use groma_project::{MemoryWorld, Project, compile};

/// The day on which the project is judged.
pub const TODAY: &str = "2026-07-01";

/// The areas: the first of them ask their customers.
const AREAS: [(&str, &str); 20] = [
    ("support", "Support"),
    ("delivery", "Delivery"),
    ("training", "Training"),
    ("checkout", "Checkout"),
    ("returns", "Returns"),
    ("billing", "Billing"),
    ("search", "Search"),
    ("mobile", "Mobile"),
    ("onboarding", "Onboarding"),
    ("community", "Community"),
    ("renewals", "Renewals"),
    ("stores", "Stores"),
    ("events", "Events"),
    ("content", "Content"),
    ("quality", "Quality"),
    ("pricing", "Pricing"),
    ("logistics", "Logistics"),
    ("advice", "Advice"),
    ("repairs", "Repairs"),
    ("gifts", "Gifts"),
];

/// How many of the areas have a survey.
const SURVEYS: usize = 5;

/// The files of the project without a fault: path and text.
pub fn clean() -> Vec<(String, String)> {
    let packs: Vec<&str> = groma_project::packs().collect();
    let manifest = include_str!("seeded/groma.yml").replace("PACKS", &format!("[{}]", packs.join(", ")));
    let mut files = vec![("groma.yml".to_owned(), manifest)];
    for (name, text) in [
        ("people", include_str!("seeded/people.groma")),
        ("customers", include_str!("seeded/customers.groma")),
        ("company", include_str!("seeded/company.groma")),
        ("law", include_str!("seeded/law.groma")),
        ("regions", include_str!("seeded/regions.groma")),
    ] {
        files.push((format!("{name}.groma"), text.to_owned()));
    }
    for (number, (area, title)) in AREAS.iter().enumerate() {
        let fill = |text: &str| text.replace("AREA", area).replace("TITLE", title);
        files.push((format!("areas/{area}.groma"), fill(include_str!("seeded/area.groma"))));
        if number < SURVEYS {
            files.push((format!("surveys/{area}.groma"), fill(include_str!("seeded/survey.groma"))));
        }
    }
    files
}

/// The project, compiled and judged.
pub fn judged(files: &[(String, String)]) -> Project {
    let start = MemoryWorld::default();
    let world = files.iter().fold(start, |world, (path, text)| world.file(path.as_str(), text.as_bytes()));
    let mut project = compile(&world);
    project.judge(TODAY.parse().unwrap_or_default());
    project
}
