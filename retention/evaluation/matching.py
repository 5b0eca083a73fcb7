"""The accounts for which a condition is true now, as a part of another query: for lists that are read page by page."""

from django.db.models.expressions import RawSQL

from accounts.facts.models import AccountFacts
from retention.conditions.comparing import Moment
from retention.conditions.language import Condition, holds
from retention.conditions.sql import compile_sql
from retention.evaluation.columns import FACTS, STANDING, columns, dialect
from retention.evaluation.counting import followed
from retention.evaluation.models import HOLD, Standing, Watch

Piece = tuple[int, int]
"""Ids of accounts from behind the first number up to the second."""


def matching(condition: Condition, *, at: Moment, piece: Piece | None = None) -> RawSQL:
    """The ids of all accounts for which `condition` is true at `at`, for `pk__in`: scope is the caller's business.

    With a `piece`, no others are looked at. Unknown is not true. A duration that nobody follows is left out, as the
    builder's count does.
    """
    asked = followed(condition)
    reads_standing = any(holds(asked))
    watches = Watch.objects.filter(reader=HOLD, active=True) if reads_standing else ()
    sql = compile_sql(asked, columns(watches), dialect()).at(at)
    joined = f'LEFT JOIN "{Standing._meta.db_table}" {STANDING} ON {STANDING}.account_id = {FACTS}.account_id '
    bounds = f" AND {FACTS}.account_id > %s AND {FACTS}.account_id <= %s" if piece else ""
    text = (
        f'SELECT {FACTS}.account_id FROM "{AccountFacts._meta.db_table}" {FACTS} '
        f"{joined if reads_standing else ''}WHERE ({sql.text}){bounds}"
    )
    return RawSQL(text, (*sql.params, *(piece or ())))  # noqa: S611 - composed of the catalogue's columns; values are parameters
