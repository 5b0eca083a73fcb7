"""Rows of handoffs, for the lists of the API."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from tests.factories import accounts, retention


def a_template(number: int) -> None:
    for version in (1, 2):
        known = {} if version == 1 else {"template": retention.HandoffTemplateFactory._meta.model.objects.latest("pk")}
        published = retention.HandoffVersionFactory(number=version, **known)
        section = retention.HandoffSectionFactory(version=published, raci_sales="AR")
        retention.HandoffItemFactory.create_batch(2, version=published, section=section)


def a_handoff(number: int) -> None:
    done = {"state": "accepted", "lacking": 0, "submitted_at": accounts.AT, "accepted_at": accounts.AT}
    done |= {"accepted_by": accounts.UserFactory()}
    people = {"giver": accounts.UserFactory(), "receiver": accounts.UserFactory()}
    open_ones = {"created_at": accounts.AT + dt.timedelta(minutes=number + 1)}  # stand first in the list
    handoff = retention.HandoffFactory(**people, **(done if number % 2 else open_ones))
    retention.AnswerFactory(handoff=handoff)
    retention.PromiseFactory(handoff=handoff)


HANDOFFS: dict[str, Callable[[int], Any]] = {"handoffs": a_handoff, "handoff-templates": a_template}
