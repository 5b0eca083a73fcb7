"""What a pass asks: the rules of this moment in their order, and where to find what they read."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby

from accounts.workspace.queries import base_currency
from retention.conditions.comparing import Moment
from retention.conditions.sql import Column
from retention.evaluation import incidents
from retention.evaluation.columns import columns
from retention.evaluation.models import HOLD, Incident, Watch
from retention.evaluation.queries import moment
from retention.evaluation.rules import Rule, rules
from retention.evaluation.strata import strata
from retention.evaluation.watched import watches

LARGEST = 2500
"""Comparisons of one statement, well below what a database refuses: some 500 rules of usual size."""
Mask = dict[int, int]
"""Word → bits."""


@dataclass(frozen=True)
class Plan:
    """Some rules at one moment. `watched` are all that are active, of which `rules` may be a part.

    With `is_first_look`, they are asked about accounts for which they are not ready yet: to make them so.
    """

    at: dt.datetime
    moment: Moment
    currency: str
    watched: Sequence[Rule]
    rules: Sequence[Rule]
    columns: Mapping[str, Column] = field(repr=False)
    is_first_look: bool = False

    @cached_property
    def strata(self) -> list[list[Rule]]:
        """The rules in the order in which they must be asked."""
        order = {one.watch.pk: place for place, layer in enumerate(strata(self.watched)) for one in layer}
        layers: dict[int, list[Rule]] = {}
        for one in self.rules:
            layers.setdefault(order[one.watch.pk], []).append(one)
        return [group for place in sorted(layers) for group in _groups(layers[place])]

    @cached_property
    def batches(self) -> list[list[list[Rule]]]:
        """The strata in their order, as many together as a statement can hold."""
        found: list[list[list[Rule]]] = []
        size = 0
        for stratum in self.strata:
            more = _comparisons(stratum)
            if not found or size + more > LARGEST:
                found.append([])
                size = 0
            found[-1].append(stratum)
            size += more
        return found

    def narrowed_to(self, facts: Collection[str]) -> "Plan":
        """The same with only those rules that read one of these facts."""
        return replace(self, rules=[one for one in self.rules if not one.asked.reads.keys().isdisjoint(facts)])

    @cached_property
    def hold_keys(self) -> dict[int, str]:
        """Slot → key of what is remembered under it."""
        return {one.slot: one.watch.key for one in self.watched if one.is_hold}

    @cached_property
    def shortest_hold(self) -> dict[str, int]:
        """Key of a hold → the days after which the first rule looks at it."""
        found: dict[str, int] = {}
        for one in self.watched:
            for key, held in one.asked.holds.items():
                found[key] = min([found.get(key, held[0].days), *(one.days for one in held)])
        return found

    @cached_property
    def _preparing(self) -> list[Rule]:
        return [] if self.is_first_look else [one for one in self.rules if one.watch.preparing]

    def not_ready(self, account_id: int) -> Mask:
        """The bits of rules that have not had their first look at this account yet."""
        found: Mask = {}
        for one in self._preparing:
            if one.watch.prepared_to < account_id <= one.watch.prepare_until:
                found[one.word] = found.get(one.word, 0) | one.bit
        return found


def _groups(stratum: Sequence[Rule]) -> Iterator[list[Rule]]:
    """A stratum as statements can hold it: nearly always whole. Rules of one definition stay together."""
    group: list[Rule] = []
    for _, together in groupby(sorted(stratum, key=_definition), key=_definition):
        some = list(together)
        if group and _comparisons([*group, *some]) > LARGEST:
            yield group
            group = []
        group = group + some
    yield group


def _comparisons(some: Sequence[Rule]) -> int:
    return sum(len(one.asked.leaves) for one in some)


def _definition(one: Rule) -> tuple[str, str]:
    return one.watch.reader, one.watch.definition


def mask(some: Sequence[Rule]) -> Mask:
    """The bits of these rules."""
    found: Mask = {}
    for one in some:
        found[one.word] = found.get(one.word, 0) | one.bit
    return found


FORGOTTEN = "Since when it has been true is not remembered any more; publish the rule again."


def plan(*, at: dt.datetime, only: Sequence[Watch] | None = None, here: Moment | None = None) -> Plan:
    """All active rules at `at`, or some of them. A rule that cannot be read is left out, and told of.

    Whoever has asked for the moment `here` already saves a statement.
    """
    readable, refused = rules(watches())
    for watch, refusal in refused:
        incidents.report(Incident.Kind.UNREADABLE, watch.key, [str(refusal)], at=at)
    remembered = {one.watch.key for one in readable if one.is_hold}
    watched = []
    for one in readable:
        if one.asked.holds.keys() <= remembered:
            watched.append(one)
        else:
            incidents.report(Incident.Kind.UNREADABLE, one.watch.key, [FORGOTTEN], at=at)
    asked = watched
    if only is not None:
        wanted = {watch.pk for watch in only}
        asked = [one for one in watched if one.watch.pk in wanted]
    holds = [one.watch for one in watched if one.watch.reader == HOLD]
    here = here or moment(at)
    return Plan(at, here, base_currency(), watched, asked, columns(holds), is_first_look=only is not None)
