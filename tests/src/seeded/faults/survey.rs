//! Faults of asking.

use super::Edit::{Append, Replace};
use super::{Fault, find};

pub(super) const FAULTS: &[Fault] = &[
    Fault {
        name: "a survey metric without a minimum",
        edits: &[Replace("surveys/delivery.groma", "measure: ces(effort)\n  minimum: 30\n", "measure: ces(effort)\n")],
        findings: &[find(
            "survey/score-has-minimum",
            "surveys/delivery.groma",
            "metric delivery_effort",
            "delivery_effort",
        )],
    },
    Fault {
        name: "a minimum of five",
        edits: &[Replace(
            "surveys/training.groma",
            "measure: ces(effort)\n  minimum: 30\n",
            "measure: ces(effort)\n  minimum: 5\n",
        )],
        findings: &[find(
            "survey/score-has-minimum",
            "surveys/training.groma",
            "metric training_effort",
            "training_effort",
        )],
    },
    Fault {
        name: "a survey that may ask every day",
        edits: &[Replace("surveys/training.groma", "  cooldown:  150 days\n", "")],
        findings: &[find(
            "survey/cooldown-stated",
            "surveys/training.groma",
            "survey training_survey",
            "training_survey",
        )],
    },
    Fault {
        name: "a survey whose invitations nobody kept",
        edits: &[Append("planted/invites.groma", NO_INVITES)],
        findings: &[find(
            "survey/response-rate-measured",
            "planted/invites.groma",
            "survey door_survey",
            "door_survey",
        )],
    },
    Fault {
        name: "a number over two channels",
        edits: &[Append("planted/channels.groma", TWO_CHANNELS)],
        findings: &[find(
            "survey/one-channel",
            "planted/channels.groma",
            "metric calls_satisfaction",
            "calls_satisfaction",
        )],
    },
    Fault {
        name: "a number over two timings",
        edits: &[Append("planted/timings.groma", TWO_TIMINGS)],
        findings: &[find(
            "survey/mixed-timing",
            "planted/timings.groma",
            "metric chat_satisfaction",
            "chat_satisfaction",
        )],
    },
    Fault {
        name: "a number over two scales",
        edits: &[Append(
            "planted/scales.groma",
            r#"/// How accounts feel about returns.
metric returns_mood {
  owner:   experience
  from:    returns_answers
  measure: (avg(recommend) + avg(effort)) / 2
  minimum: 30
  label { en: "Planted"  fr: "Planté" }
}
"#,
        )],
        findings: &[find("survey/one-scale", "planted/scales.groma", "metric returns_mood", "returns_mood")],
    },
    Fault {
        name: "a survey that nobody answers for and that says no channel",
        edits: &[Append(
            "planted/street.groma",
            r#"/// What was answered in the street.
source street_answers {
  file:  "street_answers.csv"
  owner: experience
  key:   answer_id
  time:  answered_on
  columns {
    answer_id:   text
    account_id:  account
    answered_on: date
    satisfied:   scale(1 to 5), optional
  }
}

/// Who was asked in the street.
source street_invites {
  file:  "street_invites.csv"
  owner: experience
  key:   invite_id
  time:  asked_on
  columns {
    invite_id:  text
    account_id: account
    asked_on:   date
  }
}

/// Asked in the street.
survey street_survey {
  responses: street_answers
  invites:   street_invites
  customer:  account
  timing:    relationship
  cooldown:  90 days
}

/// Whether accounts are satisfied in the street.
metric street_satisfaction {
  owner:   experience
  from:    street_answers
  measure: csat(satisfied)
  minimum: 30
  label { en: "In the street"  fr: "Dans la rue" }
}
"#,
        )],
        findings: &[
            find("ownership/survey-has-owner", "planted/street.groma", "survey street_survey", "street_survey"),
            find("survey/channel-stated", "planted/street.groma", "survey street_survey", "street_survey"),
        ],
    },
    Fault {
        name: "a survey whose answers nobody reads",
        edits: &[Append(
            "planted/unheard.groma",
            r#"/// What was answered in the lift.
source lift_answers {
  file:  "lift_answers.csv"
  owner: experience
  key:   answer_id
  time:  answered_on
  columns {
    answer_id:   text
    account_id:  account
    answered_on: date
    satisfied:   scale(1 to 5), optional
  }
}

/// Who was asked in the lift.
source lift_invites {
  file:  "lift_invites.csv"
  owner: experience
  key:   invite_id
  time:  asked_on
  columns {
    invite_id:  text
    account_id: account
    asked_on:   date
  }
}

/// Asked in the lift.
survey lift_survey {
  owner:     experience
  responses: lift_answers
  invites:   lift_invites
  customer:  account
  timing:    relationship
  channel:   paper
  cooldown:  90 days
}
"#,
        )],
        findings: &[find("debt/survey-is-used", "planted/unheard.groma", "survey lift_survey", "lift_survey")],
    },
    Fault {
        name: "a number over two moments",
        edits: &[Append(
            "planted/moments.groma",
            r#"/// Who was asked at a moment.
source moment_invites {
  file:  "moment_invites.csv"
  owner: experience
  key:   row_id
  time:  done_on
  columns {
    row_id:     text
    account_id: account
    about:      text
    done_on:    date
  }
}

/// What was answered at a moment.
source moment_answers {
  file:  "moment_answers.csv"
  owner: experience
  key:   row_id
  time:  done_on
  columns {
    row_id:     text
    account_id: account
    about:      text
    satisfied:  scale(1 to 5), optional
    done_on:    date
  }
}

/// Asked after repairs.
survey moment_of_repairs {
  owner:         experience
  responses:     moment_answers
  invites:       moment_invites
  customer:      account
  timing:        2 days after repairs_cases.happened_on
  channel:       email
  cooldown:      30 days
  where:         about = "repairs"
  invites_where: about = "repairs"
}

/// Asked after gifts.
survey moment_of_gifts {
  owner:         experience
  responses:     moment_answers
  invites:       moment_invites
  customer:      account
  timing:        5 days after gifts_cases.happened_on
  channel:       email
  cooldown:      30 days
  where:         about = "gifts"
  invites_where: about = "gifts"
}

/// Whether accounts are satisfied at a moment.
metric moments_satisfaction {
  owner:   experience
  from:    moment_answers
  measure: csat(satisfied)
  minimum: 30
  label { en: "Planted"  fr: "Planté" }
}
"#,
        )],
        findings: &[find(
            "survey/one-timing",
            "planted/moments.groma",
            "metric moments_satisfaction",
            "moments_satisfaction",
        )],
    },
];

const NO_INVITES: &str = r#"/// What was answered at the door.
source door_answers {
  file:  "door_answers.csv"
  owner: experience
  key:   answer_id
  time:  answered_on
  columns {
    answer_id:   text
    account_id:  account
    answered_on: date
    satisfied:   scale(1 to 5), optional
  }
}

/// Asked at the door.
survey door_survey {
  owner:     experience
  responses: door_answers
  customer:  account
  timing:    relationship
  channel:   paper
  cooldown:  90 days
}

/// Whether accounts are satisfied at the door.
metric door_satisfaction {
  owner:   experience
  from:    door_answers
  measure: csat(satisfied)
  minimum: 30
  label { en: "Satisfaction at the door"  fr: "Satisfaction à la porte" }
}
"#;

const TWO_CHANNELS: &str = r#"/// Who was asked about calls.
source calls_invites {
  file:  "calls_invites.csv"
  owner: experience
  key:   invite_id
  time:  asked_on
  columns {
    invite_id:  text
    account_id: account
    asked_on:   date
    sent_by:    text
  }
}

/// What was answered about calls.
source calls_answers {
  file:  "calls_answers.csv"
  owner: experience
  key:   answer_id
  time:  answered_on
  columns {
    answer_id:   text
    account_id:  account
    answered_on: date
    sent_by:     text
    satisfied:   scale(1 to 5), optional
  }
}

/// Asked by mail.
survey calls_by_mail {
  owner:         experience
  responses:     calls_answers
  invites:       calls_invites
  customer:      account
  timing:        relationship
  channel:       email
  cooldown:      90 days
  where:         sent_by = "mail"
  invites_where: sent_by = "mail"
}

/// Asked by phone.
survey calls_by_phone {
  owner:         experience
  responses:     calls_answers
  invites:       calls_invites
  customer:      account
  timing:        relationship
  channel:       phone
  cooldown:      90 days
  where:         sent_by = "phone"
  invites_where: sent_by = "phone"
}

/// Whether accounts are satisfied with calls.
metric calls_satisfaction {
  owner:   experience
  from:    calls_answers
  measure: csat(satisfied)
  minimum: 30
  label { en: "Satisfaction with calls"  fr: "Satisfaction des appels" }
}
"#;

const TWO_TIMINGS: &str = r#"/// Who was asked about chats.
source chat_invites {
  file:  "chat_invites.csv"
  owner: experience
  key:   invite_id
  time:  asked_on
  columns {
    invite_id:  text
    account_id: account
    asked_on:   date
    occasion:   text
  }
}

/// What was answered about chats.
source chat_answers {
  file:  "chat_answers.csv"
  owner: experience
  key:   answer_id
  time:  answered_on
  columns {
    answer_id:   text
    account_id:  account
    answered_on: date
    occasion:    text
    satisfied:   scale(1 to 5), optional
  }
}

/// Asked twice a year.
survey chat_in_general {
  owner:         experience
  responses:     chat_answers
  invites:       chat_invites
  customer:      account
  timing:        relationship
  channel:       email
  cooldown:      150 days
  where:         occasion = "general"
  invites_where: occasion = "general"
}

/// Asked after a case.
survey chat_after_a_case {
  owner:         experience
  responses:     chat_answers
  invites:       chat_invites
  customer:      account
  timing:        2 days after support_cases.happened_on
  channel:       email
  cooldown:      30 days
  where:         occasion = "case"
  invites_where: occasion = "case"
}

/// Whether accounts are satisfied with chats.
metric chat_satisfaction {
  owner:   experience
  from:    chat_answers
  measure: csat(satisfied)
  minimum: 30
  label { en: "Satisfaction with chats"  fr: "Satisfaction des discussions" }
}
"#;
