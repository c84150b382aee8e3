import calendar
from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo


def workdays(start, end):
    day = start
    while day <= end:
        if day.weekday() < 5:
            yield day
        day += timedelta(days=1)


print(sum(1 for _ in workdays(date(2024, 2, 1), date(2024, 2, 29))))
noon = datetime(2024, 7, 1, 12, tzinfo=timezone.utc)
print(noon.astimezone(ZoneInfo("Europe/Berlin")).isoformat())
print(datetime.strptime("31.12.2023", "%d.%m.%Y").replace(hour=8).strftime("%A, %d %B %Y"))
print(calendar.monthrange(2024, 2), calendar.isleap(1900))
