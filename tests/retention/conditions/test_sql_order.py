"""The order of comparisons in SQL: it changes no answer, only how soon it is there."""

from retention.conditions.check import parse
from retention.conditions.sql import Dialect, compile_sql

from . import samples
from .catalogue import leaf


def test_what_is_likely_to_settle_it_is_asked_first():
    nodes = [{"all": [leaf("seats", "lessThan", 5)]}, leaf("seats", "isKnown"), leaf("stage", "equal", "adopted")]
    first = {
        ("all", False): 'f."stage" =',
        ("any", False): 'f."seats" IS NOT NULL',
        ("all", True): 'f."stage" <>',
        ("any", True): 'f."seats" IS NULL',
    }
    for (group, negated), expected in first.items():
        condition = parse({group: nodes}, samples.TYPES)
        compiled = compile_sql(condition, samples.COLUMNS, Dialect.SQLITE, negated=negated)
        assert compiled.text.startswith(expected), compiled.text
