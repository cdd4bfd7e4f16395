"""Snapshots: which rows of a period stand for it ("snapshot" in the table of clocks)."""


def standing(sort, rows):
    """Of all rows of the source in a period: those that stand for it."""
    if sort == "average":
        return rows
    chosen = max if sort.startswith("last") else min
    if sort.endswith("per account"):
        return per_account(chosen, rows)
    # "The rows at the greatest time in p among all rows of the source."
    time = chosen((row.moment()[0] for row in rows), default=None)
    return [row for row in rows if row.moment()[0] == time]


def per_account(chosen, rows):
    """"`last per account` = each account's last row in p"; a row without an account is nobody's."""
    accounts = {row.row["account_id"] for row in rows} - {None}
    return [chosen((row for row in rows if row.row["account_id"] == account), key=lambda row: row.moment())
            for account in sorted(accounts)]


def times(rows):
    """"The number of distinct times in p", which an average divides by."""
    return len({row.moment()[0] for row in rows})
