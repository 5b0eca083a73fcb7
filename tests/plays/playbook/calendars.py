"""Business calendars: a good one, and one with every key and texts that YAML has a mind of its own about."""

from typing import Any

from tests.plays.playbook.conditions import HOSTILE

GOOD_CALENDAR: dict[str, Any] = {
    "kind": "business_calendar",
    "key": "office",
    "name": "Office hours",
    "days": ["monday", "friday"],
}
EVERY_CALENDAR: dict[str, Any] = {
    "hours": {
        "closed": [
            {"name": text[:120], "day": f"2026-{1 + number // 28:02}-{1 + number % 28:02}"}
            for number, text in enumerate(text for text in HOSTILE if text.strip())
        ],
        "default": True,
        "subdivision": "BY",
        "country": "DE",
        "time_zone": "Europe/Berlin",
        "closes": "22:30",
        "opens": "00:00",
        "days": ["sunday", "monday"],
        "name": "null",
        "key": "1e4",
        "kind": "business_calendar",
    },
    "few_hours": {
        "kind": "business_calendar",
        "key": "no",
        "name": "~",
        "days": ["tuesday"],
        "opens": None,
        "closes": None,
        "time_zone": None,
        "country": "NO",
        "subdivision": None,
        "closed": [],
        "default": False,
    },
}
BAD_CALENDARS = [
    ("business_calendar", path, value, place, message)
    for path, value, place, message in [
        ("days", "monday", "4: days", "at least one day of work"),
        ("days", [], "4: days", "at least one day of work"),
        ("days", ["monday", "monday"], "4: days", "each once"),
        ("days", ["Mo"], "4: days", "of monday, tuesday"),
        ("days", [["monday"]], "4: days", "of monday, tuesday"),
        ("opens", 540, "7: opens", "such as"),
        ("opens", "25:00", "7: opens", "such as"),
        ("opens", "18:00", "7: opens", "must close after it opens"),
        ("closes", "09:00", "7: closes", "must close after it opens"),
        ("time_zone", "Mars/Base", "7: time_zone", "zone"),
        ("time_zone", 1, "7: time_zone", "some text"),
        ("country", "XX", "7: country", "enter them by hand"),
        ("subdivision", "BY", "7: subdivision", "no such part"),
        ("closed", "Sunday", "7: closed", "a list of days off"),
        ("closed", [{"day": "2026-12-24"}], "8: closed[0]", "name is missing"),
        ("closed", [{"day": "24.12.2026", "name": "Eve"}], "8: closed[0].day", "a date such as"),
        ("closed", [{"day": "2026-12-24", "name": "Eve"}] * 2, "9: closed[1].day", "already"),
        ("closed", [{"day": "2026-12-24", "name": ""}], "9: closed[0].name", "some text"),
        ("default", "yes please", "7: default", "true or false"),
    ]
]
