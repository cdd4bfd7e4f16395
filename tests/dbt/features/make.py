"""Writes the rows of this project, the same ones every time. Who and what they are is made up."""

import csv
import random
from datetime import date, datetime, timedelta
from pathlib import Path

DATA = Path(__file__).resolve().parent / "data"
CHANNELS = ["web", "shop", "it's {{ x }}", "100 %", ""]


def write(name, columns, rows):
    with open(DATA / name, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def main():
    chance = random.Random(6)
    accounts = [
        (f"A{number:03}", chance.choice(["nord", "süd", ""]), chance.choice(["free", "team"]),
         f"a{number}@kunde.example" if number % 3 else "", date(2026, 1, 1) + timedelta(days=chance.randrange(100)))
        for number in range(60)
    ]
    write("accounts.csv", ["account_id", "region", "plan", "email", "since"], accounts)
    orders, number = [], 0
    for account, *_, since in accounts:
        moment = datetime(since.year, since.month, since.day, 9) + timedelta(seconds=len(orders))
        while moment < datetime(2026, 7, 1) and chance.random() < 0.9:
            number += 1
            amount = "0.00" if chance.random() < 0.05 else f"{chance.randrange(100, 90000) / 100:.2f}"
            amount = "250000.00" if number == 77 else amount
            rating = chance.choice(["", 1, 2, 3, 4, 5])
            orders.append((f"O{number:04}", account, moment, chance.choice(CHANNELS), amount, rating))
            moment += timedelta(days=chance.randrange(1, 45), hours=chance.randrange(24), seconds=number)
    orders.sort(key=lambda order: order[2])
    write("orders.csv", ["order_id", "account_id", "ordered_at", "channel", "amount", "rating"], orders)
    tickets = []
    for ticket in range(150):
        opened = date(2026, 1, 5) + timedelta(days=chance.randrange(170))
        closed = "" if chance.random() < 0.3 else opened + timedelta(days=chance.randrange(20))
        tickets.append((f"T{ticket:03}", chance.choice(accounts)[0], opened, closed))
    write("tickets.csv", ["ticket_id", "account_id", "opened_on", "closed_on"], tickets)


if __name__ == "__main__":
    main()
