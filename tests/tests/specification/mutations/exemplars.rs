//! The project of the language's design, where its folder lies beside the repository; it is no part of the repository.

use super::changing::Names;
use super::projects::{Seed, Subject, folder as temporary, write};
use super::text::Files;
use groma_tests::{Outcome, repository};
use jiff::civil::date;
use std::fs;
use std::path::{Path, PathBuf};

/// Kinds that this release does not compile.
const LATER: &str = "dashboards.groma";
/// Lines of its manifest about sources and rules that are not there.
const LEFT_OUT: [&str; 2] = ["tables: {", "levels: {"];

/// Where it is: `GROMA_EXEMPLARS`, or `shared/design/exemplars` beside the repository.
pub(super) fn folder() -> Option<PathBuf> {
    let named = std::env::var_os("GROMA_EXEMPLARS").map(PathBuf::from);
    let beside = repository::root().parent().map(|parent| parent.join("shared/design/exemplars"));
    named.or(beside).filter(|folder| folder.join("groma.yml").is_file())
}

/// The project over data that is made from a seed.
pub(super) fn project() -> Outcome<Subject> {
    let folder = folder().ok_or("the exemplars are not there")?;
    let data = temporary()?;
    accounts(data.path())?;
    Ok(Subject {
        files: files(&folder)?,
        data,
        today: date(2026, 4, 15),
        as_of: "2026-07-02",
        frozen: ("2026-01-01", "2026-03-31"),
        names: Names {
            number: "account.arr",
            attribute: "account.plan",
            by: "account.region, account.strategic",
            weight: "account.arr",
            customer: "account",
            future: "2026-05-01",
            past: "2026-02-01",
            sources: &[("responses.csv", "fewer.csv"), ("invites.csv", "fewer_invites.csv")],
            new: &[
                "metric fresh { owner: experience  from: events  measure: count()  by: account.plan }",
                "segment small { of: account  where: arr < 50000 }",
                "exception left_out { of: events  where: name = \"export\"  from: active_accounts  because: \"x\"  approved_by: experience  until: 2030-01-01 }",
            ],
        },
    })
}

/// Its declarations and its manifest, over CSV files and the embedded engine.
fn files(folder: &Path) -> Outcome<Files> {
    let failed = |error: std::io::Error| format!("{}: {error}", folder.display());
    let mut files = Files::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".groma") && name != LATER || name == "groma.yml" {
            let text = fs::read_to_string(entry.path()).map_err(failed)?;
            // What it names of other releases and of data we have not.
            let text =
                text.replace("events/*.parquet", "events.csv").replace("metric.pilot_nps", "metric.response_rate");
            let text: String = text
                .lines()
                .filter(|line| !LEFT_OUT.iter().any(|key| line.trim().starts_with(key)))
                .map(|line| format!("{line}\n"))
                .collect();
            files.insert(name, text);
        }
    }
    Ok(files)
}

fn accounts(folder: &Path) -> Outcome {
    let mut seed = Seed(20_260_715);
    let mut accounts = "account_id,signed_up_at,closed_at,region,plan,arr,is_test\n".to_owned();
    for at in 0..40 {
        let closed = if seed.below(4) == 0 { "2026-05-20T12:00:00Z" } else { "" };
        let (region, plan) = (seed.pick(&["north", "south"]), seed.pick(&["enterprise", "team", "free"]));
        let (arr, test) = (20_000 + seed.below(160_000), seed.below(9) == 0);
        accounts.push_str(&format!("A-{:04},{},{closed},{region},{plan},{arr}.00,{test}\n", 1000 + at, seed.moment()));
    }
    write(folder, "accounts.csv", &accounts)?;
    let mut events = "event_id,account_id,happened_at,name,agent\n".to_owned();
    for at in 0..500 {
        let (account, name) = (1000 + seed.below(40), seed.pick(&["login", "core_action", "export"]));
        events.push_str(&format!("E{at:05},A-{account:04},{},{name},\n", seed.moment()));
    }
    write(folder, "events.csv", &events)?;
    let mut responses = "response_id,account_id,answered_at,sent_at,score,comment\n".to_owned();
    let mut invites = "invite_id,account_id,sent_at\n".to_owned();
    for at in 0..600 {
        let (account, moment) = (1000 + seed.below(40), seed.moment());
        invites.push_str(&format!("I{at:04},A-{account:04},{moment}\n"));
        if seed.below(4) > 0 {
            let score = if seed.below(9) == 0 { String::new() } else { seed.below(11).to_string() };
            responses.push_str(&format!("R{at:04},A-{account:04},{moment},{moment},{score},\n"));
        }
        if at == 400 {
            write(folder, "fewer.csv", &responses)?;
            write(folder, "fewer_invites.csv", &invites)?;
        }
    }
    write(folder, "responses.csv", &responses)?;
    write(folder, "invites.csv", &invites)
}
