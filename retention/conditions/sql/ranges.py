"""Numbers that custom facts may be in their JSON, and those that stand for times; anything beyond is unknown.

Whole numbers up to 10**15 are told apart alike by floats, by JSON readers and by both databases.
"""

from datetime import UTC, date, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST_INSTANT, LAST_INSTANT = -62_135_596_800_000_000, 253_402_300_799_999_999  # the years 1 to 9999, in microseconds
FIRST_DATE, LAST_DATE = -719_162, 2_932_896  # the same in days
ENDS = (-(2**63) + 1, 2**63 - 1)  # before and after all of these
LARGEST_NUMBER = 10**15


def instant_number(value: datetime) -> int:
    """The microseconds that stand for an instant."""
    return (value - EPOCH) // timedelta(microseconds=1)


def date_number(value: date) -> int:
    """The days that stand for a date."""
    return value.toordinal() - EPOCH.toordinal()
