"""Who is meant: a row that is a person, an e-mail address, or an id in some source."""

from collections.abc import Mapping
from typing import Any

from accounts.foundation.scope import Actor, Area, Reach
from accounts.privacy.models import PersonRequest
from accounts.privacy.person import Person, traces
from accounts.workspace.models import Source

LONGEST = 254
LONGEST_NUMBER = 18


def may_decide(user: Any) -> bool:
    """Whether `user` may hand out and erase personal data: for those who see all, as such rows may be anywhere."""
    return bool(user.may_edit(PersonRequest.AREA) and user.reach(Area.ACCOUNTS) == Reach.ALL)


def who(asked: Mapping[str, Any], *, asking: Actor) -> Person | None:
    """The person that a request names; None where it names nobody.

    It names one by the number of a row that `asking` may see, such as `stakeholder=12`, or by `q`.
    """
    for label, trace in traces.items():
        name = str(trace.model._meta.model_name)
        if trace.learn and name in asked:
            return _of_row(label, str(asked[name]), asking=asking)
    text = str(asked.get("q", "")).replace("\x00", "").strip()[:LONGEST]
    if not text:
        return None
    if "@" in text:
        return Person(emails={text.lower()})
    return Person(called={(pk, text) for pk in Source.objects.values_list("pk", flat=True)})


def _of_row(label: str, number: str, *, asking: Actor) -> Person | None:
    if not (number.isascii() and number.isdecimal() and len(number) <= LONGEST_NUMBER):
        return None
    rows: Any = traces[label].model.objects
    is_theirs = rows.for_user(asking).filter(pk=int(number)).exists()
    return Person(rows={label: {int(number)}}) if is_theirs else None
