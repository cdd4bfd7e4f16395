"""Local periods, computed with nothing but the calendar of Python."""

from datetime import date, timedelta

WEEKDAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
          "december"]
GRAINS = ["day", "week", "month", "quarter", "year", "fiscal_quarter", "fiscal_year"]


def add_months(day, months):
    """The same day so many months later, or the last day of a shorter month."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, days_in_month(year, month + 1)))


def days_in_month(year, month):
    following = date(year + month // 12, month % 12 + 1, 1)
    return (following - timedelta(days=1)).day


class Calendar:
    """What a project's manifest says about periods."""

    def __init__(self, week_starts="monday", fiscal_year_starts="january"):
        self.week_starts = WEEKDAYS.index(week_starts)
        self.fiscal_month = MONTHS.index(fiscal_year_starts) + 1

    def start(self, grain, day):
        """The first day of the period that holds a day."""
        if grain == "day":
            return day
        if grain == "week":
            return day - timedelta(days=(day.weekday() - self.week_starts) % 7)
        if grain == "month":
            return day.replace(day=1)
        first = self.fiscal_month if grain.startswith("fiscal") else 1
        length = 3 if grain.endswith("quarter") else 12
        return add_months(day.replace(day=1), -((day.month - first) % length))

    def next(self, grain, start):
        """The first day of the period after the one that starts on a day."""
        if grain == "day":
            return start + timedelta(days=1)
        if grain == "week":
            return start + timedelta(days=7)
        return add_months(start, {"month": 1, "quarter": 3, "year": 12, "fiscal_quarter": 3, "fiscal_year": 12}[grain])

    def between(self, grain, first, last):
        """The starts of the periods that hold or follow `first` and do not begin after `last`."""
        starts = []
        start = self.start(grain, first)
        while start <= last:
            starts.append(start)
            start = self.next(grain, start)
        return starts
