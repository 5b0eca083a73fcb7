"""The figures of the health page as Prometheus reads them: each scrape asks the database."""

from collections.abc import Iterator

from django.db import DatabaseError
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from accounts.foundation.clock import now
from config.health.state import State, state


class Figures(Collector):
    """Asked anew at each scrape."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            found = state(now())
        except DatabaseError:
            yield _one("database_up", "1 where the database answers.", 0)
            return
        yield _one("database_up", "1 where the database answers.", 1)
        yield _one("workers_living", "Workers seen within the last minute.", len(found.living))
        yield from _of_stages(found)


def _of_stages(found: State) -> Iterator[GaugeMetricFamily]:
    families = {
        "waiting_rows": ("Rows that are due, counted up to 10001.", lambda stage: stage.waiting.count),
        "waiting_oldest_seconds": ("Since when the oldest row is due.", lambda stage: stage.age_s),
        "given_up_rows": ("Rows given up, which a person must decide about.", lambda stage: stage.waiting.dead),
    }
    for name, (help_text, figure) in families.items():
        family = GaugeMetricFamily(f"holdfast_{name}", help_text, labels=["stage"])
        for stage in found.stages:
            family.add_metric([stage.name.replace(" ", "_")], figure(stage))
        yield family


def _one(name: str, help_text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"holdfast_{name}", help_text, value=value)


registry = CollectorRegistry()
registry.register(Figures())
