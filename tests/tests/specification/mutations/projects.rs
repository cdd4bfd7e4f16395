//! The projects that are edited, with their data.

use super::changing::Names;
use super::text::Files;
use groma_tests::{Outcome, repository};
use jiff::civil::{Date, date};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// A project, its data, and the day on which it is judged.
pub(super) struct Subject {
    pub(super) files: Files,
    pub(super) data: TempDir,
    pub(super) today: Date,
    /// From then on nothing is known: after the last row.
    pub(super) as_of: &'static str,
    /// The days whose numbers are frozen.
    pub(super) frozen: (&'static str, &'static str),
    pub(super) names: Names<'static>,
}

/// The example of the repository, over its first customers.
pub(super) fn cdnow() -> Outcome<Subject> {
    let files = read("examples/cdnow")?;
    let data = folder()?;
    let rows = fs::read_to_string(repository::root().join("examples/cdnow/data/purchases.csv"))
        .map_err(|error| format!("the data of cdnow: {error}"))?;
    let some: Vec<&str> = rows.lines().take(4000).collect();
    write(data.path(), "data/purchases.csv", &some.join("\n"))?;
    let fewer: Vec<&str> = some.iter().copied().take(3000).collect();
    write(data.path(), "data/fewer.csv", &fewer.join("\n"))?;
    Ok(Subject {
        files,
        data,
        today: date(1998, 2, 1),
        as_of: "1998-07-02",
        frozen: ("1997-07-01", "1997-09-30"),
        names: Names {
            number: "amount",
            attribute: "buyer.first_bought_on",
            by: "units",
            weight: "buyer.size",
            customer: "buyer",
            future: "1998-04-01",
            past: "1997-06-01",
            sources: &[("data/purchases.csv", "data/fewer.csv"), ("decimal(10, 2) in usd", "decimal(10, 3) in usd")],
            new: &[
                "metric fresh { owner: shop  from: purchases  measure: sum(units)  minimum: 3 }",
                "segment early { of: buyer  where: first_bought_on < 1997-02-01 }",
                "exception left_out { of: purchases  where: units > 20  from: revenue, units  because: \"x\"  approved_by: shop  until: 2030-01-01 }",
                "exception left_out { of: purchases  where: units > 20  from: revenue  covers: 1997-03-01 to 1997-03-31  because: \"x\"  approved_by: shop  until: 2030-01-01 }",
            ],
        },
    })
}

/// A project with surveys, a population, a funnel, segments and exceptions; its data is made from a seed.
pub(super) fn academy() -> Outcome<Subject> {
    let data = folder()?;
    learners(data.path())?;
    Ok(Subject {
        files: read("tests/mutations/academy")?,
        data,
        today: date(2026, 4, 15),
        as_of: "2026-07-02",
        frozen: ("2026-01-01", "2026-03-31"),
        names: Names {
            number: "learner.fee",
            attribute: "learner.city",
            by: "learner.city, learner.intensive",
            weight: "learner.fee",
            customer: "learner",
            future: "2026-05-01",
            past: "2026-02-01",
            sources: &[("data/lessons.csv", "data/more.csv"), ("data/answers.csv", "data/fewer.csv")],
            new: &[
                "metric fresh { owner: desk  from: lessons  measure: sum(minutes)  by: learner.city }",
                "segment dear { of: learner  where: fee > 250 }",
                "exception left_out { of: lessons  where: tutor = \"t1\"  from: paid_sum, lessons_held  because: \"x\"  approved_by: desk  until: 2030-01-01 }",
                "exception left_out { of: lessons  where: tutor = \"t1\"  from: lessons_held  covers: 2026-03-01 to 2026-03-31  because: \"x\"  approved_by: desk  until: 2030-01-01 }",
                "exception left_out { of: learner  where: seats > 2  from: well_begun  because: \"x\"  approved_by: desk  until: 2030-01-01 }",
            ],
        },
    })
}

fn read(folder: &str) -> Outcome<Files> {
    let root = repository::root();
    let mut files = Files::new();
    for ending in [".groma", "groma.yml"] {
        for path in repository::files_ending(&root, folder, ending)? {
            let text = fs::read_to_string(root.join(&path)).map_err(|error| format!("{path}: {error}"))?;
            files.insert(path.trim_start_matches(folder).trim_start_matches('/').to_owned(), text);
        }
    }
    Ok(files)
}

pub(super) fn folder() -> Outcome<TempDir> {
    tempfile::tempdir().map_err(|error| format!("a folder for data: {error}"))
}

pub(super) fn write(folder: &Path, path: &str, text: &str) -> Outcome {
    let path = folder.join(path);
    let made = path.parent().map_or(Ok(()), fs::create_dir_all);
    made.and_then(|()| fs::write(&path, text)).map_err(|error| format!("{}: {error}", path.display()))
}

/// Numbers that look random, and are the same each time.
pub(super) struct Seed(pub(super) u64);

impl Seed {
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    pub(super) fn pick<'l>(&mut self, list: &[&'l str]) -> &'l str {
        list[usize::try_from(self.below(list.len() as u64)).unwrap_or_default()]
    }

    /// A moment of the nine months from October 2025 on.
    pub(super) fn moment(&mut self) -> String {
        let day = date(2025, 10, 1).saturating_add(jiff::Span::new().days(i64::try_from(self.below(273)).unwrap_or(0)));
        format!("{day}T{:02}:{:02}:00Z", self.below(24), self.below(60))
    }
}

fn learners(folder: &Path) -> Outcome {
    let mut seed = Seed(20_260_701);
    let header = "learner_id,enrolled_at,left_at,city,track,fee,seats,trial\n";
    let mut learners = header.to_owned();
    for at in 0..40 {
        let left = if seed.below(4) == 0 { "2026-05-20T12:00:00Z" } else { "" };
        let (city, track) = (seed.pick(&["Lyon", "Lille", "Nice"]), seed.pick(&["exam", "talk"]));
        let (fee, seats, trial) = (150 + seed.below(400), 1 + seed.below(4), seed.below(8) == 0);
        learners.push_str(&format!("L{at:03},{},{left},{city},{track},{fee}.00,{seats},{trial}\n", seed.moment()));
    }
    write(folder, "data/learners.csv", &learners)?;
    let mut lessons = "lesson_id,learner_id,held_at,kind,minutes,paid,tutor\n".to_owned();
    for at in 0..500 {
        if at == 400 {
            write(folder, "data/more.csv", &lessons)?;
        }
        let (kind, minutes) = (seed.pick(&["group", "single", "gift"]), 10 + 5 * seed.below(18));
        let (paid, tutor) = (seed.below(60), seed.pick(&["t1", "t2", ""]));
        let learner = seed.below(40);
        lessons.push_str(&format!("S{at:05},L{learner:03},{},{kind},{minutes},{paid}.50,{tutor}\n", seed.moment()));
    }
    write(folder, "data/lessons.csv", &lessons)?;
    let mut answers = "answer_id,learner_id,answered_at,asked_at,score,ease,remark\n".to_owned();
    let mut asked = "invite_id,learner_id,sent_at\n".to_owned();
    for at in 0..300 {
        let (learner, moment) = (seed.below(40), seed.moment());
        asked.push_str(&format!("I{at:04},L{learner:03},{moment}\n"));
        if seed.below(3) < 2 {
            let (score, ease) = (seed.below(11), 1 + seed.below(7));
            let score = if seed.below(9) == 0 { String::new() } else { score.to_string() };
            answers.push_str(&format!("A{at:04},L{learner:03},{moment},{moment},{score},{ease},\n"));
        }
        if at == 220 {
            write(folder, "data/fewer.csv", &answers)?;
        }
    }
    write(folder, "data/answers.csv", &answers)?;
    write(folder, "data/asked.csv", &asked)
}
