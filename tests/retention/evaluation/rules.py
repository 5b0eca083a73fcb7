"""Rules for tests, watched in one line."""

from typing import Any

from retention.evaluation import services
from retention.evaluation.models import Edge, Watch
from retention.evaluation.services import WatchDraft
from tests.retention.evaluation.facts import AT

LOW = {"fact": "active_users_30d", "operator": "lessThan", "value": 3}
HIGH = {"fact": "active_users_30d", "operator": "greaterThan", "value": 10}
SOON = {"fact": "contract_end_date", "operator": "withinNext", "value": {"days": 30}}
QUIET = {"fact": "last_active_at", "operator": "moreThanAgo", "value": {"days": 14}}


def watch(key: str = "play:low", enter: Any = LOW, leave: Any = None, *, at: Any = AT, **values: Any) -> Watch:
    """Watches one condition under `key` from now on."""
    draft = WatchDraft(
        key, values.pop("reader", "plays"), values.pop("definition", "version 1"), enter, leave, **values
    )
    [found] = services.watch([draft], by=None, at=at)
    return found


def of(edges: list[Edge], one: Watch) -> list[tuple[str, str]]:
    """Direction and cause of those of `edges` that belong to the watch."""
    return [(edge.direction, edge.cause) for edge in edges if edge.watch_id == one.pk]
