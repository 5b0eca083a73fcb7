"""What people at Larkspur and its systems do on one day of the pulse, when the office opens: all of it at one instant.

What is due is read from the rows themselves, so that it is right whatever users of the demo have done in between.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random

from accounts.contracts.invoices import InvoiceDraft, save_invoices
from accounts.contracts.models import Contract, Invoice
from accounts.foundation.many import among
from accounts.portfolio.models import Account, AccountMember
from accounts.support.drafts import TicketDraft
from accounts.support.models import OPEN_STATES, Ticket
from accounts.support.services import save_tickets
from accounts.team.models import User
from accounts.workspace.models import Source
from accounts.workspace.services import note_delivery
from config.demo import contact, renewals
from config.demo.commerce import QUESTIONS, asks
from config.demo.dice import dice
from config.demo.ids import BILLING, CRM, DESK
from config.demo.stories import UNHAPPY, Story

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
OPENS = dt.time(15)
COMPLAINS, ASKS = 0.05, 0.014
"""How likely an unhappy and an ordinary customer is to open a ticket on a day."""


@dataclass(frozen=True)
class Customer:
    """One account of the book that has a contract."""

    number: int
    story: Story
    account: Account
    csm: User | None

    @property
    def is_unhappy(self) -> bool:
        return self.story.use in UNHAPPY


@dataclass
class Office:
    """One day at the office: who our customers are, and which systems know them."""

    customers: list[Customer]
    sources: dict[str, Source]
    seed: int
    began: dt.datetime
    at: dt.datetime
    by_account: dict[int, Customer] = field(init=False)

    def __post_init__(self) -> None:
        self.by_account = {one.account.pk: one for one in self.customers}

    @property
    def today(self) -> dt.date:
        return self.at.date()

    def dice(self, *about: object) -> Random:
        """Chance of today."""
        return dice(self.seed, *about, self.today)


def opening(until: dt.datetime) -> dt.datetime:
    """The last instant up to `until` at which the office opened."""
    found = dt.datetime.combine(until.date(), OPENS, dt.UTC)
    return found if found <= until else found - DAY


def work(office: Office) -> None:
    """A day's work: tickets, invoices, contracts, contact."""
    renewals.work(office)
    _tickets(office)
    _invoices(office)
    contact.work(office)
    note_delivery(office.sources[CRM], at=office.at)


def customers(called: dict[int, int], stories: Sequence[Story]) -> list[Customer]:
    """The customers among the accounts of the book, with their CSMs. `called`: number → id of the account."""
    found = Account.objects.filter(contracts__isnull=False, merged_into=None).distinct().in_bulk()
    members = AccountMember.objects.filter(part=AccountMember.Part.CSM, account__in=among(found)).select_related("user")
    csms = {member.account_id: member.user for member in members}
    return [
        Customer(number, stories[number], found[pk], csms.get(pk))
        for number, pk in sorted(called.items())
        if pk in found and found[pk].state == Account.State.ACTIVE
    ]


def _tickets(office: Office) -> None:
    """New questions, and solutions of older ones. Without any of them the help desk still tells that it is there."""
    opened = [draft for one in office.customers if (draft := _question(one, office))]
    waiting = Ticket.objects.filter(source=office.sources[DESK], state__in=OPEN_STATES).order_by("pk")
    solved = [draft for ticket in waiting if (draft := _solution(ticket, office))]
    save_tickets([*opened, *solved], source=office.sources[DESK], by=None, at=office.at)


def _question(one: Customer, office: Office) -> TicketDraft | None:
    rng, unhappy = office.dice("asks", one.number), one.is_unhappy
    if not asks(one.number) or rng.random() >= (COMPLAINS if unhappy else ASKS):
        return None
    subject, severity, tag = rng.choice(QUESTIONS if unhappy else QUESTIONS[:-1])
    opened_at = office.at - rng.randint(1, 400) * dt.timedelta(minutes=1)
    return TicketDraft(
        external_id=f"{4000 + one.number}-{office.today:%y%m%d}",
        account_id=one.account.pk,
        opened_at=opened_at,
        updated_at=opened_at,
        subject=subject,
        severity=severity,
        tags=(tag,),
    )


def _solution(ticket: Ticket, office: Office) -> TicketDraft | None:
    """Severe ones within days, the others within weeks."""
    rng = dice(office.seed, "solved", ticket.external_id)
    takes = rng.randint(1, 4 if ticket.severity <= 2 else 20) * DAY + 6 * HOUR
    if ticket.opened_at + takes > office.at or ticket.account_id not in office.by_account:
        return None
    score = rng.choice((None, 3, 4, 5, 5))
    return TicketDraft(
        external_id=ticket.external_id,
        account_id=ticket.account_id,
        opened_at=ticket.opened_at,
        updated_at=office.at,
        subject=ticket.subject,
        severity=ticket.severity,
        state=Ticket.State.SOLVED,
        tags=tuple(ticket.tags),
        satisfaction=score,
        satisfaction_at=office.at if score else None,
    )


def _invoices(office: Office) -> None:
    """Invoices of contracts that begin, and payments on their day."""
    began = Contract.objects.filter(starts_on__gt=office.began.date(), starts_on__lte=office.today, invoices=None)
    issued = [
        _invoice(contract, office) for contract in began.order_by("pk") if contract.account_id in office.by_account
    ]
    unpaid = Invoice.objects.filter(source=office.sources[BILLING], state=Invoice.State.OPEN).order_by("pk")
    paid = [draft for row in unpaid if (draft := _payment(row, office))]
    save_invoices([*issued, *paid], source=office.sources[BILLING], by=None, at=office.at)


def _invoice(contract: Contract, office: Office) -> InvoiceDraft:
    one = office.by_account[contract.account_id]
    return InvoiceDraft(
        external_id=f"in_{one.number}_{contract.starts_on:%Y%m%d}",
        account_id=contract.account_id,
        contract_id=contract.pk,
        number=f"{contract.starts_on.year}-{one.number:04}-{contract.starts_on:%m}",
        issued_on=office.today,
        due_on=office.today + 30 * DAY,
        amount_minor=contract.arr_minor,
        currency=contract.currency,
    )


def _payment(row: Invoice, office: Office) -> InvoiceDraft | None:
    """Most pay in time, some late; what failed is paid in the end."""
    rng = dice(office.seed, "pays", row.external_id)
    takes = rng.randint(60, 95) if row.payment_failed_at else rng.choice((8, 14, 20, 25, 28, 40))
    if row.issued_on + takes * DAY > office.today:
        return None
    draft = InvoiceDraft(
        external_id=row.external_id,
        account_id=row.account_id,
        contract_id=row.contract_id,
        number=row.number,
        issued_on=row.issued_on,
        due_on=row.due_on,
        amount_minor=row.amount_minor,
        currency=row.currency,
        is_recurring=row.is_recurring,
        payment_failed_at=row.payment_failed_at,
    )
    return replace(draft, state=Invoice.State.PAID, paid_on=office.today)
