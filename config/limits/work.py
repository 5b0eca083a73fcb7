"""Work of people: what is put off, said, timed and read by calendars."""

from accounts.limits.registry import Group, Limit, Unit, limits

WORK = {
    "work_at_once": Limit(
        "Pieces of work changed at once",
        Group.ACCOUNTS,
        "retention.work.pages.bulk:AT_MOST",
        Unit.COUNT,
        "the rest stays as it is; the form says how many",
        "They are changed while you wait.",
    ),
    "work_comment": Limit(
        "A comment on work",
        Group.ACCOUNTS,
        "retention.work.thread:LONGEST",
        Unit.CHARACTERS,
        "it is refused",
        "A comment is not a file.",
    ),
    "work_minutes": Limit(
        "Minutes spent on one piece of work",
        Group.ACCOUNTS,
        "retention.work.effort:MOST_MINUTES",
        Unit.COUNT,
        "it is refused",
        "Seventy days without sleep; more is a slip.",
    ),
    "calendar_events": Limit(
        "Events in the calendar of one of us",
        Group.PEOPLE,
        "retention.work.feeds:AT_MOST",
        Unit.COUNT,
        "what is due first stands in it",
        "A calendar with more of them helps nobody.",
    ),
    "calendar_rate": Limit(
        "Reads of such a calendar in an hour",
        Group.PEOPLE,
        "retention.work.feeds:RATE.times",
        Unit.COUNT,
        "429 with Retry-After",
        "Calendars ask once an hour, or less.",
    ),
}
for name, limit in WORK.items():
    limits.add(name, limit)
