"""The tracking plan as the fold uses it: what an event name or the path of a page means."""

import re
from collections import defaultdict
from dataclasses import dataclass, field

from accounts.ingestion.models import Feature, Milestone, PageIntent


@dataclass(frozen=True)
class Intent:
    """One intent, and how to know its pages."""

    id: int
    key: str
    name: str
    pages: re.Pattern[str]


@dataclass(frozen=True)
class Mapping:
    """What event names and paths stand for."""

    features: dict[str, int]
    milestones: dict[str, list[int]]
    intents: list[Intent]
    _known: dict[str, list[Intent]] = field(default_factory=dict)

    def intents_of(self, path: str) -> list[Intent]:
        """The intents that a visit to `path` shows."""
        if path not in self._known:
            plain = path.lower().rstrip("/") or "/"
            self._known[path] = [intent for intent in self.intents if intent.pages.fullmatch(plain)]
        return self._known[path]


def in_force() -> Mapping:
    """The tracking plan as it is now."""
    milestones: dict[str, list[int]] = defaultdict(list)
    for pk, events in Milestone.objects.values_list("pk", "events"):
        for event in events:
            milestones[event].append(pk)
    return Mapping(
        features={event: pk for pk, events in Feature.objects.values_list("pk", "events") for event in events},
        milestones=dict(milestones),
        intents=[
            Intent(pk, key, name, matching(paths))
            for pk, key, name, paths in PageIntent.objects.values_list("pk", "key", "name", "paths")
        ],
    )


def matching(paths: list[str]) -> re.Pattern[str]:
    """What fits one of `paths`, in which * stands for any text. Case and a slash at the end mean nothing."""
    parts = (re.escape(path.lower().rstrip("/") or "/").replace(r"\*", ".*") for path in paths)
    return re.compile("|".join(parts) or r"(?!)", re.DOTALL)
