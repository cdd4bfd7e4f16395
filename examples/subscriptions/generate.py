"""Makes up the data of this example. Nothing in it is real: no company, no people, no answers.

    python generate.py [FOLDER]

Writes the tables into FOLDER (else into `data` beside this file): the same bytes on every run, on every machine and with every
Python from 3.9 on. For that it uses no random numbers but `random()` of a seeded generator, no dates but its own arithmetic, and
nothing beside the standard library.

The company sells shared boards by the seat. It opened on the first of July 2024, and the files end on the last of June 2026.
What happens to it, and what is wrong with its rows, stands in README.md; the numbers of the faults are the constants below.
"""

import random
import sys
from datetime import datetime, timedelta
from pathlib import Path

OPENED = datetime(2024, 7, 1)
LAST_MONTH_ENDS = datetime(2026, 7, 1)
# Midnight in Paris, as UTC.
CLOSED = LAST_MONTH_ENDS - timedelta(hours=2)

# What changed, and when.
NEW_ONBOARDING = datetime(2025, 3, 17)
REPLY_ASSISTANT = datetime(2025, 10, 6)
HIGHER_PRICES = datetime(2026, 1, 1)
OUTAGE = datetime(2025, 6, 12)

# What is wrong with the rows.
TEST_ACCOUNTS = 12
BOTS = 10
REPEATED_EVENTS = 140
EVENTS_OF_NOBODY = 35
REPEATED_ANSWERS = 9
MISSING_SCORES = 0.03
PRIZE = datetime(2025, 11, 12)
LATE_ANSWERS = 14
REPLIES_BEFORE_THE_TICKET = 4

#         share of accounts, hours from UTC, share who answer, points added to the chance of a good score
REGIONS = {
    "emea": (0.44, 1, 0.30, 0.02),
    "americas": (0.37, -5, 0.25, 0.00),
    "asia": (0.16, 8, 0.17, -0.04),
    "oceania": (0.03, 11, 0.14, 0.01),
}
#       share of accounts, fewest and most seats, price of a seat before and after, chance to leave in a month
PLANS = {
    "solo": (0.46, 1, 2, 12, 12, 0.060),
    "team": (0.38, 3, 8, 19, 22, 0.034),
    "scale": (0.16, 8, 20, 29, 34, 0.018),
}
ROLES = (("owner", 0.0), ("member", 0.85), ("guest", 0.15))
CHANNELS = (("email", 0.55), ("chat", 0.33), ("phone", 0.12))
#         how busy a month is, January to December
SEASON = (1.04, 1.05, 1.06, 1.02, 0.98, 0.97, 0.84, 0.72, 1.05, 1.10, 1.06, 0.76)

dice = random.Random(20240701)


def chance(probability):
    return dice.random() < probability


def between(low, high):
    """A whole number from low to high, both included."""
    return low + int(dice.random() * (high - low + 1))


def choose(weights):
    """One of some names by their weights, which need not add up to 1."""
    weights = list(weights)
    at = dice.random() * sum(weight for _, weight in weights)
    for name, weight in weights:
        at -= weight
        if at < 0:
            return name
    return weights[-1][0]


def minutes(hours):
    return timedelta(minutes=int(hours * 60))


def working_time(day, region):
    """A moment of somebody's working day, as UTC."""
    morning = 8 if chance(0.93) else 18
    return day + timedelta(minutes=between(morning * 60, morning * 60 + 599) - REGIONS[region][1] * 60)


def summer_time(moment):
    """Whether clocks of the European Union are an hour ahead, at a moment of UTC."""
    def last_sunday(month):
        day = datetime(moment.year, month, 31, 1)
        return day - timedelta(days=(day.weekday() + 1) % 7)

    return last_sunday(3) <= moment < last_sunday(10)


def in_paris(moment):
    """What clocks in Paris show at a moment of UTC."""
    return moment + timedelta(hours=2 if summer_time(moment) else 1)


def written(moment):
    return "" if moment is None else f"{moment:%Y-%m-%d %H:%M}"


class Account:
    def __init__(self, number, signed_up):
        self.id = f"a{number:04}"
        self.signed_up = signed_up
        self.region = choose((name, facts[0]) for name, facts in REGIONS.items())
        self.plan = choose((name, facts[0]) for name, facts in PLANS.items())
        self.seats = between(PLANS[self.plan][1], PLANS[self.plan][2])
        self.is_test = False
        # How well the product fits what they do: it moves use, scores and staying alike.
        self.fit = 0.25 + 0.75 * dice.random() ** 0.8
        self.fit = min(1.0, self.fit + (0.10 if signed_up >= NEW_ONBOARDING else 0.0))
        self.closed = None
        self.bills = []
        self.live()

    def live(self):
        """Two weeks for free; then it pays at the end of each month until it leaves."""
        trial_ends = self.signed_up + timedelta(days=14)
        if not chance(0.15 + 0.75 * self.fit):
            self.closed = trial_ends + timedelta(minutes=between(0, 20 * 1440))
        end = month_end(trial_ends)
        while end <= LAST_MONTH_ENDS and self.closed is None:
            self.bills.append((end, self.plan, self.seats))
            if chance(0.06 * self.fit) and self.seats < 60:
                self.seats += between(1, 3)
            if self.plan != "scale" and chance(0.008):
                self.plan = "team" if self.plan == "solo" else "scale"
                self.seats = max(self.seats, PLANS[self.plan][1])
            leaves = PLANS[self.plan][5] * (1.5 - self.fit) * (1.7 if datetime(2026, 1, 1) <= end < datetime(2026, 4, 1) else 1.0)
            if chance(leaves):
                self.closed = end + timedelta(minutes=between(1, 27 * 1440))
            end = month_end(end)
        if self.closed is not None and self.closed >= CLOSED:
            self.closed = None

    def open_at(self, moment):
        return self.signed_up <= moment and (self.closed is None or moment < self.closed)


class User:
    def __init__(self, number, account, joined, role):
        self.id = f"u{number:04}"
        self.account = account
        self.joined = joined
        self.role = role
        self.zeal = (0.3 + dice.random()) * (1.5 if role == "owner" else 0.45 if role == "guest" else 1.0)


def month_end(moment):
    """The first midnight of the month after."""
    return datetime(moment.year + moment.month // 12, moment.month % 12 + 1, 1)


def make_accounts():
    """Some each day: more on working days, more in busy months, more as the company becomes known."""
    moments = []
    day = OPENED
    while day < CLOSED:
        age = (day - OPENED).days / 730
        rate = (1.5 + 3.1 * age) * SEASON[day.month - 1] * (0.35 if day.weekday() >= 5 else 1.15)
        for _ in range(6):
            if chance(rate / 6 * 0.93):
                moments.append(day + timedelta(minutes=between(360, 1320)))
        day += timedelta(days=1)
    accounts = [Account(number, moment) for number, moment in enumerate(sorted(moments), 1)]
    for _ in range(TEST_ACCOUNTS):
        one = accounts[between(0, len(accounts) - 1)]
        one.is_test, one.closed, one.fit, one.region = True, None, 1.0, "emea"
    return accounts


def make_users(accounts):
    users = []
    for account in accounts:
        users.append(User(len(users) + 1, account, account.signed_up, "owner"))
        colleagues = int((account.seats - 1) * (0.6 + 0.5 * dice.random()) + 0.5)
        for _ in range(colleagues):
            after = 21 if chance(0.6) else 320
            joined = account.signed_up + timedelta(minutes=between(30, after * 1440))
            if joined < CLOSED and account.open_at(joined):
                users.append(User(len(users) + 1, account, joined, choose(ROLES[1:])))
    scale = [user for user in users if user.account.plan == "scale" and user.role == "member"]
    for place in range(BOTS):
        scale[(place + 1) * len(scale) // (BOTS + 1)].role = "bot"
    return users


def make_events(users):
    """What people do: they sign in, make boards, share them, export."""
    events = []
    for user in users:
        account = user.account
        week = 0
        start = datetime(user.joined.year, user.joined.month, user.joined.day)
        while True:
            monday = start + timedelta(days=7 * week)
            if monday >= CLOSED or (week > 0 and not account.open_at(monday)):
                break
            if user.role == "bot":
                events += nightly(user, monday)
            else:
                events += one_week(user, monday, week)
            week += 1
    return events


def nightly(user, monday):
    """A script that exports a board each night at the same minute."""
    nights = (monday + timedelta(days=day, minutes=int(user.id[1:]) % 60 + 180) for day in range(7))
    return [(night, user.id, "export") for night in nights if user.joined <= night < CLOSED and user.account.open_at(night)]


def one_week(user, monday, week):
    account = user.account
    habit = 0.52 * account.fit * user.zeal
    settled_in = 1.9 if week == 0 else 1.25 if week < 4 else 0.80 if week < 26 else 0.66
    if not chance(habit * settled_in * SEASON[monday.month - 1]):
        return []
    found = []
    for _ in range(1 + chance(0.3) + (week < 4 and chance(0.5))):
        day = monday + timedelta(days=between(0, 6) if chance(0.1) else between(0, 4))
        at = working_time(day, account.region)
        if at < user.joined:
            at = user.joined + timedelta(minutes=between(1, 90))
        if at >= CLOSED or not account.open_at(at) or (OUTAGE <= at < OUTAGE + timedelta(hours=14)):
            continue
        found.append((at, user.id, "login"))
        share = 0.29 if account.signed_up >= NEW_ONBOARDING else 0.19
        for name, likely in (("board", 0.42), ("share", share), ("export", 0.07)):
            if chance(likely * (0.6 + 0.7 * account.fit)):
                at = at + timedelta(minutes=between(1, 25))
                found.append((at, user.id, name))
    return [event for event in found if event[0] < CLOSED and account.open_at(event[0])]


def spoil_events(events):
    """A device that sends again what it has sent, and events of users who are not in the table any more."""
    events = sorted(set(events))
    step = len(events) // REPEATED_EVENTS
    again = [events[place * step + between(0, step - 1)] for place in range(REPEATED_EVENTS)]
    nobody = [(working_time(OPENED + timedelta(days=between(60, 700)), "emea"), f"u{9900 + place % 5}", "login")
              for place in range(EVENTS_OF_NOBODY)]
    # The file is in the order in which rows arrived: some devices were off the network for a day or two.
    arrived = [(at + (minutes(48 * dice.random()) if chance(0.02) else timedelta()), at, user, name)
               for at, user, name in events + again + nobody]
    return [(user, at, name) for _, at, user, name in sorted(arrived)]


def reply_hours(channel, opened):
    """How long somebody waits for the first answer."""
    wait = dice.random() ** 2
    hours = {"email": 1.0 + 22 * wait, "chat": 0.05 + 1.1 * wait, "phone": 0.02 + 0.4 * wait}[channel]
    hours *= 0.55 if opened >= REPLY_ASSISTANT and channel == "email" else 1.0
    return hours * (2.4 if OUTAGE <= opened < OUTAGE + timedelta(days=4) else 1.0)


def make_tickets(users):
    """Questions to the help desk; about a third are asked in somebody's first month."""
    tickets = []
    for user in users:
        if user.role == "bot":
            continue
        day = user.joined
        week = 0
        while day < CLOSED and user.account.open_at(day):
            outage = 5.0 if OUTAGE <= day < OUTAGE + timedelta(days=7) else 1.0
            likely = (0.19 if week < 4 else 0.041) * outage * SEASON[day.month - 1] * (1.25 - 0.4 * user.account.fit)
            opened = working_time(datetime(day.year, day.month, day.day) + timedelta(days=between(0, 6)), user.account.region)
            if chance(likely) and user.joined <= opened < CLOSED and user.account.open_at(opened):
                tickets.append(one_ticket(user, opened))
            day += timedelta(days=7)
            week += 1
    tickets.sort(key=lambda ticket: (ticket["opened"], ticket["user"].id))
    for number, ticket in enumerate(tickets, 1):
        ticket["id"] = f"t{number:05}"
    answered = [ticket for ticket in tickets if ticket["replied"] is not None]
    for place in range(REPLIES_BEFORE_THE_TICKET):
        wrong = answered[(2 * place + 1) * len(answered) // (2 * REPLIES_BEFORE_THE_TICKET)]
        wrong["replied"] = wrong["opened"] - timedelta(minutes=between(3, 40))
    return tickets


def one_ticket(user, opened):
    channel = choose(CHANNELS)
    hours = reply_hours(channel, opened)
    replied = opened + minutes(hours) if chance(0.975) else None
    solved = None
    if replied is not None and chance(0.96):
        solved = replied + minutes(0.2 + 60 * dice.random() ** 3)
    return {"user": user, "opened": opened, "channel": channel, "hours": hours,
            "replied": replied if replied is not None and replied < CLOSED else None,
            "solved": solved if solved is not None and solved < CLOSED else None}


def make_surveys(users, tickets):
    """Two surveys: about the relationship from the sixtieth day on and each half year, and on the day after a ticket was solved."""
    invites = []
    for user in users:
        if user.role in ("bot", "guest") or user.account.is_test:
            continue
        at = user.joined + timedelta(days=60)
        while at < CLOSED and user.account.open_at(at):
            day = datetime(at.year, at.month, at.day)
            if day.weekday() < 5:
                invites.append((working_time(day, user.account.region), user, "loyalty", None))
                at += timedelta(days=180)
            else:
                at += timedelta(days=1)
    asked = {}
    for ticket in sorted((one for one in tickets if one["solved"]), key=lambda one: (one["solved"], one["id"])):
        user, at = ticket["user"], ticket["solved"] + timedelta(days=1)
        recently = user.id in asked and at - asked[user.id] < timedelta(days=45)
        if not recently and not user.account.is_test and at < CLOSED:
            asked[user.id] = at
            invites.append((at, user, "support", ticket))
    invites += prize_draw(users)
    invites = [invite for invite in invites if OPENED <= invite[0] < CLOSED]
    invites.sort(key=lambda invite: (invite[0], invite[1].id, invite[2]))
    return invites, make_answers(invites)


def prize_draw(users):
    """A reseller wrote to two of its customers that whoever gives a 10 may win a bicycle, and had everybody asked."""
    staff = {}
    for user in users:
        if user.joined < PRIZE and user.role != "bot" and user.account.open_at(PRIZE) and user.account.region == "americas":
            staff.setdefault(user.account.id, []).append(user)
    largest = sorted(staff.values(), key=lambda people: (-len(people), people[0].account.id))[:2]
    return [(PRIZE + timedelta(hours=15, minutes=place), user, "loyalty", "prize")
            for people in largest for place, user in enumerate(people)]


def make_answers(invites):
    answers = []
    for number, (sent, user, survey, ticket) in enumerate(invites, 1):
        rate = REGIONS[user.account.region][2] * (1.15 if survey == "support" else 1.0) * (0.7 + 0.5 * user.account.fit)
        if not chance(0.9 if ticket == "prize" else rate):
            continue
        answered = sent + minutes(0.2 + 140 * dice.random() ** 3)
        if answered >= CLOSED:
            continue
        arrived = answered + timedelta(minutes=between(0, 1440))
        score = 10 if ticket == "prize" else loyalty_score(user, sent) if survey == "loyalty" else support_score(ticket)
        if chance(MISSING_SCORES):
            score = None
        answers.append([f"i{number:05}", user.id, answered, arrived, survey, score])
    spoil_answers(answers)
    return sorted(answers, key=lambda answer: (answer[3], answer[0]))


def loyalty_score(user, sent):
    region = user.account.region
    good = 0.30 + 0.34 * user.account.fit + REGIONS[region][3]
    if region == "americas" and HIGHER_PRICES <= sent < datetime(2026, 4, 1):
        good -= 0.24
    if sent >= datetime(2026, 4, 1):
        good += 0.05
    at = dice.random()
    if at < good:
        return 9 if chance(0.55) else 10
    return between(7, 8) if at < good + 0.62 * (1 - good) else between(2, 6) if chance(0.85) else between(0, 1)


def support_score(ticket):
    good = 0.93 - 0.022 * min(ticket["hours"], 24)
    return between(4, 5) if chance(good) else between(1, 3)


def spoil_answers(answers):
    for place in range(LATE_ANSWERS):
        late = answers[(2 * place + 1) * len(answers) // (2 * LATE_ANSWERS)]
        late[3] = late[2] + timedelta(days=between(4, 20))
    step = len(answers) // REPEATED_ANSWERS
    answers += [list(answers[place * step + 7]) for place in range(REPEATED_ANSWERS)]


def write(folder, name, header, rows):
    with open(folder / f"{name}.csv", "w", encoding="ascii", newline="\n") as file:
        file.write(",".join(header) + "\n")
        file.writelines(",".join(map(str, row)) + "\n" for row in rows)


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent / "data"
    folder.mkdir(parents=True, exist_ok=True)
    accounts = make_accounts()
    users = make_users(accounts)
    events = spoil_events(make_events(users))
    tickets = make_tickets(users)
    invites, answers = make_surveys(users, tickets)
    # Sales never wrote down what the 777th account bought.
    plans = {account.id: "" if number == 777 else account.plan for number, account in enumerate(accounts, 1)}
    bills = sorted((end - timedelta(days=1), account.id, plan, seats)
                   for account in accounts for end, plan, seats in account.bills if not account.is_test)

    write(folder, "accounts", ["account_id", "signed_up_at", "closed_at", "region", "plan", "seats", "is_test"],
          ([one.id, written(one.signed_up), written(one.closed), one.region, plans[one.id], one.seats,
            str(one.is_test).lower()] for one in accounts))
    write(folder, "users", ["user_id", "account_id", "joined_at", "role"],
          ([one.id, one.account.id, written(one.joined), one.role] for one in users))
    write(folder, "events", ["user_id", "at", "name"], ([user, written(at), name] for user, at, name in events))
    write(folder, "tickets", ["ticket_id", "user_id", "opened_at", "replied_at", "solved_at", "channel"],
          ([one["id"], one["user"].id, written(one["opened"]), written(one["replied"]), written(one["solved"]), one["channel"]]
           for one in tickets))
    # The programme that sends invitations writes what its own clock shows: the time of Paris.
    write(folder, "invites", ["invite_id", "user_id", "sent_at", "survey"],
          ([f"i{number:05}", user.id, written(in_paris(sent)), survey] for number, (sent, user, survey, _) in enumerate(invites, 1)))
    write(folder, "responses", ["invite_id", "user_id", "answered_at", "arrived_at", "survey", "recommend", "satisfied"],
          ([invite, user, written(answered), written(arrived), survey,
            score if survey == "loyalty" and score is not None else "",
            score if survey == "support" and score is not None else ""]
           for invite, user, answered, arrived, survey, score in answers))
    write(folder, "subscriptions", ["month_end", "account_id", "plan", "seats"],
          ([f"{day:%Y-%m-%d}", account, plan, seats] for day, account, plan, seats in bills))
    write(folder, "prices", ["plan", "valid_from", "valid_until", "price"],
          (row for plan, facts in PLANS.items()
           for row in ([plan, "2024-07-01", "2025-12-31", f"{facts[3]}.00"], [plan, "2026-01-01", "", f"{facts[4]}.00"])))


if __name__ == "__main__":
    main()
