//! Runs against a PostgreSQL that the tests start, each scenario of `tests/warehouse/` as a test.

use crate::oracle;
use libtest_mimic::Trial;

/// The scenarios by their names: modules of `tests/warehouse/`.
const SCENARIOS: [&str; 10] = [
    "agrees",
    "alerts",
    "failures",
    "grafana",
    "grants",
    "kills",
    "replay_cdnow",
    "replay_flights",
    "runs",
    "sessions",
];

/// One for each scenario; each has a server of its own.
pub(crate) fn trials() -> Vec<Trial> {
    let trial = |name: &'static str| {
        Trial::test(format!("warehouse: {name}"), move || {
            crate::outcome(oracle::python("tests/warehouse/run.py", &["--only", name]))
        })
    };
    SCENARIOS.map(trial).into()
}
