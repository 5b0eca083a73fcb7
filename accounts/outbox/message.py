"""One message, and who is told of it while its recipient is away."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from accounts.outbox.models import WebhookEndpoint
from accounts.outbox.registry import transports
from accounts.portfolio.models import Account
from accounts.stakeholders.models import Stakeholder
from accounts.team import absences
from accounts.team.models import User


@dataclass(frozen=True)
class Message:
    """What to tell one recipient through one channel: exactly one of user, stakeholder and endpoint is given."""

    purpose: str
    key: str
    """Names the occasion: the same key reaches a recipient once."""
    channel: str
    subject: str = ""
    text: str = ""
    html: str = ""
    link: str = ""
    account: Account | None = None
    user: User | None = None
    stakeholder: Stakeholder | None = None
    endpoint: WebhookEndpoint | None = None
    not_after: dt.datetime | None = None
    """Later than this a person decides; left out, the purpose says."""
    awaits_return: bool = False
    """Whether its recipient is away: it stands in the console for their return, and is sent nowhere else."""

    @property
    def identity(self) -> tuple[Any, ...]:
        """What makes two messages the same one."""
        people = (self.user, self.stakeholder, self.endpoint)
        return (self.key, self.channel, *(one.pk if one else None for one in people))


def to_stand_ins(messages: Sequence[Message], *, at: dt.datetime) -> list[Message]:
    """The same messages, those to people who are away addressed to their stand-ins.

    A notification in the console stays for the absent one as well: they find it when they are back.
    """
    recipients = {one.user.pk for one in messages if one.user}
    away = absences.stand_ins(recipients, at=at) if recipients else {}
    found: list[Message] = []
    for message in messages:
        stand_in = away.get(message.user.pk) if message.user else None
        if stand_in is None or transports[message.channel].is_here:
            found.append(replace(message, awaits_return=True) if stand_in else message)
        if stand_in:
            found.append(replace(message, user=stand_in, subject=f"For {message.user}: {message.subject}"))
    return found
