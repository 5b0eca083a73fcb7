"""A small catalogue with a fact of every type, and short words to write conditions with."""

from datetime import UTC, date, datetime

from retention.conditions.evaluate import Moment
from retention.conditions.language import FactType

CATALOGUE = {
    "seats": FactType.INTEGER,
    "score": FactType.NUMBER,
    "usage_change": FactType.RATIO,
    "arr": FactType.MONEY,
    "stage": FactType.TEXT,
    "trial": FactType.BOOLEAN,
    "seen_at": FactType.INSTANT,
    "renewal_date": FactType.DATE,
    "tags": FactType.TEXT_LIST,
    "seat_steps": FactType.NUMBER_LIST,
}

NOW = datetime(2026, 1, 31, 9, 0, tzinfo=UTC)
MOMENT = Moment(as_of=NOW, today=date(2026, 1, 31))


def leaf(fact: str, operator: str, *value: object, **more: object) -> dict[str, object]:
    """A comparison; without a value for the operators that take none."""
    written: dict[str, object] = {"fact": fact, "operator": operator, **more}
    return written | {"value": value[0]} if value else written
