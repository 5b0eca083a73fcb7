"""Updates of tickets, as a help desk sends them."""

import datetime as dt

from accounts.support.drafts import TicketDraft
from accounts.support.models import Ticket
from accounts.support.services import save_tickets
from tests.factories.accounts import AT

HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def update(account, hours: float = 0, *, name: str = "4711", **values) -> TicketDraft:
    """What the ticket `name`, opened at AT, says so many hours later."""
    given = {"external_id": name, "account_id": account.pk, "opened_at": AT, "updated_at": AT + hours * HOUR}
    return TicketDraft(**given | values)


def save(source, *drafts: TicketDraft) -> list[Ticket]:
    return save_tickets(drafts, source=source, by=None, at=AT + 30 * DAY)
