//! Pages with invented numbers: what a page looks like at its best, and with the worst that can be in it.

use groma_board::{Break, Cell, Goal, Metric, Page, Person, Tile};

/// Names that break what is not careful.
pub(crate) const UGLY: [&str; 8] = [
    "</script><script>document.title='broken'</script>",
    "\"quotes\" 'and' `ticks` & <b>bold</b> ${x} {{ y }}",
    "two\nlines\r\nand a\ttab\u{2028}and a separator",
    "إيرادات الشركة في الشرق الأوسط",
    "👩‍👩‍👧 family 🏳️‍🌈",
    "a name that is much longer than anything that a chart has room for and goes on, and on, and still goes on",
    "",
    "constructor",
];

/// Numbers that look like noise, the same each time.
pub(crate) struct Noise(u64);

impl Noise {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// From -1 to 1.
    pub(crate) fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        f64::from(u32::try_from(self.0 >> 33).unwrap_or(0)) / f64::from(1_u32 << 30) - 1.0
    }
}

pub(crate) fn metric(name: &str, label: &str, unit: Option<&str>) -> Metric {
    Metric {
        name: name.to_owned(),
        label: label.to_owned(),
        doc: Some(format!("{label}, as the whole company counts it.")),
        unit: unit.map(str::to_owned),
        factor: if unit == Some("%") { 100.0 } else { 1.0 },
        better: Some("higher".to_owned()),
        definition: vec![
            "Of all answers to the relationship survey: the share of promoters less the share of detractors."
                .to_owned(),
            "Promoters answer 9 or 10, detractors 0 to 6.".to_owned(),
            "An answer counts in the month in which it was given, in Europe/Paris.".to_owned(),
        ],
        version: 2,
        hash: "3f5c1e0a9b7d2c4866f0e1d2c3b4a5968778695a4b3c2d1e0f1e2d3c4b5a6978".to_owned(),
        owner: Some(Person { team: "experience".to_owned(), title: None, lead: Some("ada@acme.example".to_owned()) }),
        status: "active",
        exceptions: Vec::new(),
        freshness: vec!["responses until 30 June 2026".to_owned(), "accounts until 30 June 2026".to_owned()],
    }
}

/// The first days of months from January 2025.
pub(crate) fn months(count: usize) -> Vec<(String, String)> {
    const NAMES: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    (0..count)
        .map(|place| {
            let (year, month) = (2025 + place / 12, place % 12);
            (format!("{year}-{:02}-01", month + 1), format!("{} {year}", NAMES[month]))
        })
        .collect()
}

pub(crate) fn cell(metric: &Metric, period: &(String, String), groups: &[&str], value: Option<f64>, n: i64) -> Cell {
    let decimals = if metric.unit.is_some() { 1 } else { 0 };
    let written = |value: f64| {
        let unit = metric.unit.as_deref().map(|unit| format!(" {unit}")).unwrap_or_default();
        format!("{:.decimals$}{unit}", value * metric.factor)
    };
    let wide = if metric.unit.as_deref() == Some("%") { 0.5 } else { 60.0 }
        / f64::from(u32::try_from(n.max(1)).unwrap_or(1)).sqrt();
    Cell {
        metric: metric.name.clone(),
        version: 1,
        period: period.0.clone(),
        period_label: period.1.clone(),
        groups: groups.iter().map(|group| Some((*group).to_owned())).collect(),
        step: None,
        step_number: None,
        value,
        shown: value.map(written).unwrap_or_default(),
        n: Some(n),
        low: value.map(|value| value - wide),
        high: value.map(|value| value + wide),
        status: if value.is_some() { "settled" } else { "suppressed" }.to_owned(),
        matured: None,
        change: None,
        change_shown: None,
        verdict: None,
    }
}

pub(crate) fn tile(name: &str, title: &str, mark: &'static str, metrics: Vec<Metric>) -> Tile {
    Tile {
        id: format!("leadership.{name}"),
        title: title.to_owned(),
        mark,
        note: None,
        owner: Some(Person {
            team: "experience".to_owned(),
            title: Some("Experience".to_owned()),
            lead: Some("ada@acme.example".to_owned()),
        }),
        grain: "month",
        metrics,
        groups: Vec::new(),
        goal: None,
        cells: Vec::new(),
        breaks: Vec::new(),
    }
}

/// Marks the last months as they are before all has arrived.
pub(crate) fn unsettled(cells: &mut [Cell], last: &str) {
    for cell in cells.iter_mut().filter(|cell| cell.value.is_some() && cell.period.as_str() >= last) {
        "provisional".clone_into(&mut cell.status);
        cell.matured = Some(0.83);
    }
}

fn changed(cell: &mut Cell, change: f64, shown: &str, verdict: &str) {
    cell.change = Some(change);
    cell.change_shown = Some(shown.to_owned());
    cell.verdict = Some(verdict.to_owned());
}

fn numbers() -> Vec<Tile> {
    let mut noise = Noise::new(7);
    let mut tiles = Vec::new();
    for (name, title, unit, base, slope, change, verdict) in [
        ("nps_now", "Relationship NPS", Some("points"), 28.0, 0.5, "+2.3 points", "real and large enough"),
        ("activation", "Activation", Some("%"), 0.41, -0.002, "-3.1 pp", "real and large enough"),
        ("active", "Active accounts", None, 11_400.0, 160.0, "+212", "not distinguishable"),
        ("tickets", "Tickets per account", Some("tickets"), 1.9, -0.01, "-0.1", "too few to tell"),
    ] {
        let metric = metric(name, title, unit);
        let mut tile = tile(name, title, "number", vec![metric.clone()]);
        for (place, month) in months(18).iter().enumerate() {
            let value = base + slope * place as f64 + base * 0.04 * noise.next();
            let mut cell = cell(&metric, month, &[], Some(value), 1200 + i64::try_from(place).unwrap_or(0) * 31);
            if unit == Some("tickets") {
                (cell.low, cell.high) = (Some(value - 0.1), Some(value + 0.1));
            } else if unit.is_none() {
                (cell.low, cell.high) = (None, None);
                let whole = value.round();
                (cell.value, cell.shown) = (Some(whole), format!("{},{:03}", whole as i64 / 1000, whole as i64 % 1000));
            }
            tile.cells.push(cell);
        }
        unsettled(&mut tile.cells, "2026-06");
        if let Some(last) = tile.cells.last_mut() {
            changed(last, if change.starts_with('-') { -1.0 } else { 1.0 }, change, verdict);
        }
        tiles.push(tile);
    }
    tiles[1].goal = Some(Goal {
        name: Some("activation_goal".to_owned()),
        value: 0.45,
        shown: "45.0 %".to_owned(),
        phase: Some("warned"),
    });
    tiles
}

fn nps() -> Tile {
    let mut noise = Noise::new(3);
    let metric = metric("relationship_nps", "Relationship NPS", Some("points"));
    let mut tile = tile("nps", "Relationship NPS by region", "line", vec![metric.clone()]);
    tile.groups = vec!["account.region".to_owned()];
    tile.note = Some("Regions with fewer than 30 answers in a month are left out.".to_owned());
    tile.goal = Some(Goal {
        name: Some("nps_goal".to_owned()),
        value: 40.0,
        shown: "40 points".to_owned(),
        phase: Some("enforced"),
    });
    for (region, base, slope) in
        [("EMEA", 30.0, 0.7), ("Americas", 26.0, 0.2), ("Asia", 37.0, 0.25), ("Oceania", 20.0, 0.0)]
    {
        for (place, month) in months(18).iter().enumerate() {
            let value = base + slope * place as f64 + 3.0 * noise.next();
            let few = region == "Oceania" && (place < 4 || place % 7 == 0);
            let mut cell = cell(&metric, month, &[region], (!few).then_some(value), if few { 18 } else { 340 });
            cell.version = if place >= 9 { 2 } else { 1 };
            if few {
                "insufficient".clone_into(&mut cell.status);
            }
            tile.cells.push(cell);
        }
        if let Some(last) = tile.cells.last_mut() {
            changed(
                last,
                slope * 4.0,
                &format!("{:+.1} points", slope * 4.0),
                if slope > 0.5 { "real and large enough" } else { "not distinguishable" },
            );
        }
    }
    unsettled(&mut tile.cells, "2026-05");
    tile.breaks = vec![
        Break {
            metric: metric.name.clone(),
            period: "2025-10-01".to_owned(),
            period_label: "October 2025".to_owned(),
            words: "version 2 from 2025-10-01: trial accounts are not asked any more".to_owned(),
            restated: false,
        },
        Break {
            metric: metric.name.clone(),
            period: "2026-03-01".to_owned(),
            period_label: "March 2026".to_owned(),
            words: "restated: late answers of the Paris office".to_owned(),
            restated: true,
        },
    ];
    tile.metrics[0]
        .exceptions
        .push("R-12 until 30 September 2026: the survey vendor changes; approved by ada@acme.example".to_owned());
    tile
}

fn single() -> Tile {
    let mut noise = Noise::new(11);
    let metric = metric("activation", "Activation", Some("%"));
    let mut tile = tile("activation_line", "Activation within 14 days", "line", vec![metric.clone()]);
    tile.goal = Some(Goal { name: None, value: 0.45, shown: "45 %".to_owned(), phase: None });
    for (place, month) in months(18).iter().enumerate() {
        let mut cell = cell(&metric, month, &[], Some(0.38 + 0.004 * place as f64 + 0.012 * noise.next()), 900);
        if place == 17 {
            (cell.value, cell.low, cell.high, cell.status) = (None, None, None, "immature".to_owned());
            cell.matured = Some(0.4);
            cell.shown = String::new();
        } else if place == 16 {
            changed(&mut cell, 0.011, "+1.1 pp", "real but small");
        }
        tile.cells.push(cell);
    }
    unsettled(&mut tile.cells, "2026-04");
    tile
}

fn bars() -> Vec<Tile> {
    let mut noise = Noise::new(5);
    let revenue = metric("revenue", "Revenue", Some("eur"));
    let mut columns = tile("revenue", "Revenue by month", "bar", vec![revenue.clone()]);
    for (place, month) in months(18).iter().enumerate() {
        let mut cell =
            cell(&revenue, month, &[], Some(410_000.0 + 9_000.0 * place as f64 + 30_000.0 * noise.next()), 2300);
        (cell.low, cell.high) = (cell.value.map(|value| value - 21_000.0), cell.value.map(|value| value + 21_000.0));
        let whole = cell.value.unwrap_or(0.0);
        cell.shown =
            format!("{},{:03}.{:02} eur", whole as i64 / 1000, whole as i64 % 1000, (whole * 100.0) as i64 % 100);
        columns.cells.push(cell);
    }
    unsettled(&mut columns.cells, "2026-06");
    let effort = metric("effort", "Share of easy contacts", Some("%"));
    let mut groups = tile("effort", "Easy contacts by reason", "bar", vec![effort.clone()]);
    groups.groups = vec!["ticket.reason".to_owned()];
    for (reason, base) in [
        ("Billing", 0.61),
        ("Login and access", 0.82),
        ("Data export", 0.44),
        ("Integrations with other software", 0.37),
        ("Other", 0.55),
        ("Legal", 0.5),
    ] {
        for month in months(18).iter().skip(16) {
            let value = (reason != "Legal").then(|| base + 0.04 * noise.next());
            groups.cells.push(cell(&effort, month, &[reason], value, 260));
        }
    }
    vec![columns, groups]
}

fn steps() -> Vec<Tile> {
    let mut noise = Noise::new(2);
    let retention = metric("retention", "Retention", Some("%"));
    let mut heat =
        tile("retention", "Accounts that come back, by month of sign-up", "heatmap", vec![retention.clone()]);
    for (place, month) in months(12).iter().enumerate() {
        for step in 0..12 {
            let value = 0.9 * 0.86_f64.powi(step) + 0.02 * noise.next() + 0.006 * place as f64;
            let age = 12 - i32::try_from(place).unwrap_or(0);
            let mut cell = cell(&retention, month, &[], (step < age).then_some(value), 800);
            (cell.step, cell.step_number) = (Some(step.to_string()), Some(i64::from(step)));
            cell.status = if step >= age {
                "immature"
            } else if step == age - 1 {
                "provisional"
            } else {
                "settled"
            }
            .to_owned();
            heat.cells.push(cell);
        }
    }
    let reached = metric("checkout", "Checkout", Some("%"));
    let mut funnel = tile("checkout", "From visit to payment", "funnel", vec![reached.clone()]);
    for month in months(18).iter().skip(12) {
        for (number, (step, value)) in
            [("visited", 1.0), ("signed up", 0.62), ("first project", 0.41), ("invited somebody", 0.22), ("paid", 0.14)]
                .into_iter()
                .enumerate()
        {
            let mut cell = cell(&reached, month, &[], Some(value), 5200);
            (cell.step, cell.step_number) = (Some(step.to_owned()), i64::try_from(number + 1).ok());
            funnel.cells.push(cell);
        }
    }
    let mut table = tile("table", "Contacts by reason", "table", bars().swap_remove(1).metrics);
    (table.groups, table.cells) = (vec!["ticket.reason".to_owned()], bars().swap_remove(1).cells);
    vec![heat, funnel, table]
}

/// The page at its best.
pub(crate) fn page() -> Page {
    let mut tiles = numbers();
    tiles.push(nps());
    tiles.push(single());
    tiles.extend(bars());
    tiles.extend(steps());
    Page {
        id: "leadership".to_owned(),
        title: "Customer health".to_owned(),
        doc: Some("What the leadership team looks at on the first Monday of a month.".to_owned()),
        note: Some("Numbers of the last two months may still change: answers arrive late.".to_owned()),
        project: "acme".to_owned(),
        audience: "executive".to_owned(),
        refresh: Some("daily".to_owned()),
        owner: Some(Person {
            team: "experience".to_owned(),
            title: Some("Experience".to_owned()),
            lead: Some("ada@acme.example".to_owned()),
        }),
        as_of: Some("2026-07-01 06:00".to_owned()),
        zone: "Europe/Paris".to_owned(),
        commit: Some("4f2e227c0de4f2e227c0de4f2e227c0de4f2e227".to_owned()),
        synthetic: Some("Every number on this page is made up: there is no such company.".to_owned()),
        frozen: None,
        tiles,
    }
}

/// The ways in which data is ugly, for one mark.
pub(crate) fn ugly(mark: &'static str) -> Vec<Tile> {
    let metric = metric("m", "A metric", Some("points"));
    let stepped = matches!(mark, "heatmap" | "funnel");
    let make = |name: &str, groups: &[&str], value: &dyn Fn(usize, usize) -> Option<f64>, count: usize| {
        let mut tile = tile(&format!("{mark}_{name}"), name, mark, vec![metric.clone()]);
        tile.groups = if groups.is_empty() { Vec::new() } else { vec!["account.name".to_owned()] };
        let groups: Vec<Vec<&str>> =
            if groups.is_empty() { vec![Vec::new()] } else { groups.iter().map(|group| vec![*group]).collect() };
        for (number, group) in groups.iter().enumerate() {
            for (place, month) in months(count).iter().enumerate() {
                for (step, called) in UGLY.iter().enumerate().take(if stepped { 3 } else { 1 }) {
                    let mut cell = cell(&metric, month, group, value(place, number), 100);
                    if stepped {
                        (cell.step, cell.step_number) = (Some((*called).to_owned()), i64::try_from(step + 1).ok());
                    }
                    tile.cells.push(cell);
                }
            }
        }
        tile
    };
    let many: Vec<String> = (1..=40).map(|number| format!("Group {number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let wave = |place: usize, number: usize| Some(((place * 7 + number * 13) % 29) as f64 - 12.0);
    let named = with_ugly_names(make("names", &UGLY, &wave, 7));
    let mut fiscal = make("fiscal", &[], &wave, 5);
    fiscal.grain = "fiscal_quarter";
    fiscal.cells.iter_mut().for_each(|cell| cell.period_label = format!("FY2025/26 Q{}", cell.period.len()));
    let mut undated = make("undated", &[], &wave, 5);
    undated.cells.iter_mut().for_each(|cell| cell.period = format!("'{}\\", cell.period));
    vec![
        make("empty", &[], &wave, 0),
        make("one", &[], &wave, 1),
        make("nulls", &["a", "b"], &|_, _| None, 6),
        make("gaps", &["a", "b"], &|place, number| if place % 3 == number { None } else { wave(place, number) }, 14),
        make("negative", &["a", "b"], &|place, _| Some(-5.0 - place as f64), 6),
        make("same", &["a", "b"], &|_, _| Some(12.5), 6),
        make(
            "wild",
            &["a", "b"],
            &|place, _| [Some(f64::NAN), Some(f64::INFINITY), Some(1e18), Some(-1e-9)][place % 4],
            8,
        ),
        make("many", &many, &wave, 9),
        make("days", &[], &wave, 60),
        named,
        fiscal,
        undated,
    ]
}

/// A tile whose every text is one that somebody should not have written.
fn with_ugly_names(mut named: Tile) -> Tile {
    named.title = UGLY.join(" ");
    named.note = Some(UGLY.join(" "));
    named.metrics[0].label = UGLY[0].to_owned();
    named.goal =
        Some(Goal { name: Some("g".to_owned()), value: 3.0, shown: UGLY[1].to_owned(), phase: Some("shadow") });
    named.breaks = (0..3)
        .map(|place| Break {
            metric: "m".to_owned(),
            period: months(7)[place * 3].0.clone(),
            period_label: UGLY[place].to_owned(),
            words: UGLY[place].to_owned(),
            restated: place == 1,
        })
        .collect();
    named.cells.iter_mut().step_by(5).for_each(|cell| cell.groups = vec![None]);
    named
}

/// A page with all that is ugly.
pub(crate) fn ugly_page() -> Page {
    let mut page = page();
    page.id = "ugly".to_owned();
    page.title = UGLY.join(" ");
    page.doc = Some(UGLY[0].to_owned());
    page.note = Some(UGLY[1].to_owned());
    page.synthetic = Some(UGLY[2].to_owned());
    page.frozen = Some(UGLY[3].to_owned());
    page.owner = Some(Person {
        team: UGLY[0].to_owned(),
        title: Some(UGLY[5].to_owned()),
        lead: Some("javascript:alert(1)".to_owned()),
    });
    page.tiles = ["number", "line", "bar", "table", "heatmap", "funnel"].into_iter().flat_map(ugly).collect();
    page
}
