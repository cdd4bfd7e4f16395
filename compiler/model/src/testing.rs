//! A model of a text, for tests.

use crate::check::{Input, ParsedFile, QueryShape, check};
use crate::model::{MetricId, Model};
use crate::time::Calendar;
use groma_syntax::{Diagnostic, SourceMap, parse};

/// Accounts that are customers, their orders, and their balances on each day.
pub(crate) const SHOP: &str = r#"
    source accounts {
      file: "accounts.csv"
      key:  account_id
      columns {
        account_id:   text
        plan:         text
        region:       text
        arr:          decimal(12, 2) in usd
        signed_up_at: instant in "UTC"
        is_test:      bool
      }
    }
    customer account {
      from:  accounts
      key:   account_id
      since: signed_up_at
      where: not is_test
      has:   plan, arr
    }
    source orders {
      file: "orders.csv"
      key:  order_id
      time: ordered_at
      columns {
        order_id:   text
        account_id: account
        ordered_at: instant in "UTC"
        amount:     decimal(12, 2) in usd
        channel:    text
      }
    }
    source balances {
      file: "balances.csv"
      time: day
      columns { account_id: account  day: date  amount: decimal(12, 2) in usd }
    }
"#;

/// The model of a text and what is found in it.
pub(crate) fn model_of(text: &str) -> (Model, Vec<Diagnostic>) {
    let mut sources = SourceMap::default();
    let file = sources.add("main.groma", text);
    let parsed = parse(file, text);
    assert_eq!(parsed.diagnostics, []);
    let files = vec![ParsedFile { file, tree: parsed.file, standard: false, pack: None }];
    let read_query = |_: &str| {
        Ok(QueryShape { tables: Vec::new(), columns: None, whole: None, rows: crate::model::QueryRows::default() })
    };
    check(Input {
        files,
        calendar: Calendar::default(),
        policy: crate::governance::Policy::default(),
        sources: &sources,
        choice: crate::check::versions::Choice::default(),
        read_query: &read_query,
    })
}

/// The model of the shop with some metrics, in which nothing is found.
pub(crate) fn shop(metrics: &str) -> Model {
    let (model, found) = model_of(&format!("{SHOP}{metrics}"));
    assert_eq!(found, [], "{metrics}");
    model
}

/// A metric by its name.
pub(crate) fn metric(model: &Model, name: &str) -> MetricId {
    model.metric_named(name).unwrap()
}

/// Random dates in a month, for checks that are proved day by day.
pub(crate) mod dates {
    use crate::tenure::Tenure;
    use jiff::civil::{Date, date};

    /// Numbers that are the same in every run.
    pub(crate) struct Draw(u64);

    impl Draw {
        pub(crate) fn new(seed: u64) -> Self {
            Self(seed)
        }

        /// A number below another one.
        pub(crate) fn below(&mut self, end: usize) -> usize {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(self.0 >> 33).unwrap_or(0) % end
        }

        /// Days of February and March 2028, open at either end now and then; they may end before they begin.
        pub(crate) fn tenure(&mut self) -> Tenure {
            let mut end = || {
                let open = self.below(3) == 0;
                let day = days().nth(4 + self.below(20));
                day.filter(|_| !open)
            };
            Tenure { from: end(), until: end() }
        }
    }

    /// All of these days, and some around them.
    pub(crate) fn days() -> impl Iterator<Item = Date> {
        date(2028, 2, 16).series(jiff::Span::new().days(1)).take(30)
    }
}
