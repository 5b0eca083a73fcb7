"""What CRM, help desk and billing have to say about the accounts of the book."""

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import Any

from accounts.contracts.invoices import InvoiceDraft, save_invoices
from accounts.contracts.models import Invoice
from accounts.deals.services import save as save_deal
from accounts.foundation import money
from accounts.identity import services as identity
from accounts.portfolio.models import Account
from accounts.support.drafts import TicketDraft
from accounts.support.models import Ticket
from accounts.support.services import save_tickets
from accounts.workspace.models import Source
from accounts.workspace.services import connect_source
from config.demo import ids
from config.demo.entering import Entry
from config.demo.staff import CURRENCY, Office
from config.demo.stories import UNHAPPY, Deal, Use

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
QUESTIONS = (
    ("How do I invite a whole team at once?", 4, "onboarding"),
    ("Export ends with an error after ten minutes", 2, "export"),
    ("Dashboards load slowly since Monday", 3, "speed"),
    ("Single sign-on refuses new users", 2, "sign-on"),
    ("Numbers differ from our CRM", 3, "data quality"),
    ("Nothing loads for anybody", 1, "outage"),
)
GROWING = (Use.GROWING, Use.SEASONAL)


def asks(number: int) -> bool:
    """Whether account `number` has ever written to the help desk; of the others it knows nothing."""
    return number % 13 != 6


@dataclass
class Systems:
    """The three systems beside the product, and what they will say in one go."""

    crm: Source
    desk: Source
    billing: Source
    office: Office
    moment: dt.datetime
    tickets: list[TicketDraft] = field(default_factory=list)
    invoices: list[InvoiceDraft] = field(default_factory=list)

    def tell(self, entry: Entry, account: Account) -> None:
        """Notes what they know of one account, and what each of them calls it."""
        self._call(entry, account)
        self._invoice(entry, account)
        self._ask(entry, account)
        self._sell(entry, account)

    def finish(self) -> None:
        """Says all of it."""
        by = self.office.operator
        save_tickets(self.tickets, source=self.desk, by=by, at=self.moment)
        save_invoices(self.invoices, source=self.billing, by=by, at=self.moment)

    def _call(self, entry: Entry, account: Account) -> None:
        """A prospect is known to the CRM alone; a customer to billing, and to the help desk once it has asked."""
        is_customer, number = entry.story.deal is not Deal.NONE, entry.number
        known = [(self.crm, ids.in_crm(number), True), (self.billing, ids.in_billing(number), is_customer)]
        known.append((self.desk, ids.in_desk(number), is_customer and asks(number)))
        for source, value, is_known in known:
            if is_known:
                identity.link(account, source=source, value=value, by=self.office.operator, at=entry.won_at)

    def _invoice(self, entry: Entry, account: Account) -> None:
        """One invoice a contract, a year in advance; unhappy customers leave the one for a training day unpaid."""
        today = self.moment.date()
        contracts = list(account.contracts.filter(starts_on__lte=today).order_by("starts_on", "pk"))
        for number, contract in enumerate(contracts):
            paid_on = contract.starts_on + entry.rng.randint(3, 28) * DAY
            draft = InvoiceDraft(
                external_id=f"in_{entry.number}_{number}",
                account_id=account.pk,
                contract_id=contract.pk,
                number=f"{contract.starts_on.year}-{entry.number:04}",
                issued_on=contract.starts_on,
                due_on=contract.starts_on + 30 * DAY,
                amount_minor=contract.arr_minor,
                currency=contract.currency,
            )
            is_paid = paid_on <= today
            self.invoices.append(replace(draft, state=Invoice.State.PAID, paid_on=paid_on) if is_paid else draft)
        if contracts and entry.story.use in UNHAPPY:
            self.invoices.append(_training(entry, account, today=today))

    def _ask(self, entry: Entry, account: Account) -> None:
        """Tickets of the last months; more, and more severe ones, where use fell."""
        if entry.story.deal is Deal.NONE or not asks(entry.number):
            return
        unhappy = entry.story.use in UNHAPPY
        for number in range(entry.rng.randint(2, 5) if unhappy else entry.rng.randint(0, 3)):
            subject, severity, tag = entry.rng.choice(QUESTIONS if unhappy else QUESTIONS[:5])
            opened_at = entry.at(self.moment.date() - entry.rng.randint(1, 40 if unhappy else 150) * DAY, hour=9)
            if opened_at < entry.won_at:
                continue
            ticket = TicketDraft(
                external_id=f"{4000 + entry.number}-{number + 1}",
                account_id=account.pk,
                opened_at=opened_at,
                updated_at=opened_at,
                subject=subject,
                severity=severity,
                tags=(tag,),
            )
            self.tickets.append(ticket)
            if not (unhappy and number == 0) and entry.rng.random() < 0.8:
                self.tickets += _solved(ticket, entry, until=self.moment)

    def _sell(self, entry: Entry, account: Account) -> None:
        """The deal that Sales works on, where there is one."""
        type_, amount = _deal(entry)
        if not type_:
            return
        opened_at = entry.at(self.moment.date() - entry.rng.randint(20, 60) * DAY)
        wins = type_ == "expansion" and entry.story.deal is Deal.TWO
        values: dict[str, Any] = {
            "name": f"{account.name[:150]}, {TITLES[type_]}",
            "type": type_,
            "amount_minor": money.to_minor(amount, CURRENCY),
            "probability": entry.rng.choice((25, 40, 60, 75)),
            "phase": entry.rng.choice(("Discovery", "Proposal sent", "Negotiation")),
            "expected_close_on": self.moment.date() + entry.rng.randint(10, 80) * DAY,
            "opened_at": opened_at,
            "owner": entry.executive,
        }
        known: dict[str, Any] = {"source": self.crm, "external_id": f"006{entry.number:06}", "by": self.office.operator}
        save_deal(account, at=opened_at, **known, **values)
        if wins:
            save_deal(account, at=self.moment - 2 * DAY, **known, state="won", phase="Closed won", probability=100)


TITLES = {"new": "first year", "expansion": "more seats", "renewal": "next term"}


def _deal(entry: Entry) -> tuple[str, int]:
    """Which deal is open, and what it is worth a year; no type where none is."""
    if entry.story.deal is Deal.NONE:
        return "new", entry.rng.randint(12, 60) * 1000
    if entry.story.deal in (Deal.DUE, Deal.LATE):
        return "renewal", entry.terms[-1].arr
    if entry.story.deal is Deal.TWO or entry.story.use in GROWING:
        return "expansion", max(2, round(entry.terms[-1].arr * 0.3 / 1000)) * 1000
    return "", 0


def _training(entry: Entry, account: Account, *, today: dt.date) -> InvoiceDraft:
    """The invoice for a training day that could not be collected."""
    due_on = today - entry.rng.randint(6, 25) * DAY
    return InvoiceDraft(
        external_id=f"in_{entry.number}_training",
        account_id=account.pk,
        number=f"T-{entry.number:04}",
        issued_on=due_on - 30 * DAY,
        due_on=due_on,
        amount_minor=money.to_minor(1800, CURRENCY),
        currency=CURRENCY,
        is_recurring=False,
        payment_failed_at=entry.at(due_on + DAY),
    )


def _solved(ticket: TicketDraft, entry: Entry, *, until: dt.datetime) -> list[TicketDraft]:
    """The updates that solve a ticket, as far as they have come; now and then it is reopened between."""
    solved_at = ticket.opened_at + entry.rng.randint(3, 70) * HOUR
    steps = [(solved_at, Ticket.State.SOLVED)]
    if entry.rng.random() < 0.2:
        steps += [(solved_at + 20 * HOUR, Ticket.State.OPEN), (solved_at + 44 * HOUR, Ticket.State.SOLVED)]
    score = entry.rng.choice((None, None, 3, 4, 5))
    found = []
    for at, state in steps:
        rated = score if state == Ticket.State.SOLVED else None
        said: dict[str, Any] = {
            "updated_at": at,
            "state": state,
            "satisfaction": rated,
            "satisfaction_at": at if rated else None,
        }
        found.append(TicketDraft(**{**vars(ticket), **said}))
    return [update for update in found if update.updated_at <= until]


def connect(office: Office, *, moment: dt.datetime, at: dt.datetime) -> Systems:
    """CRM, help desk and billing, connected since `at`."""
    known: dict[str, Any] = {"by": office.operator, "at": at}
    return Systems(
        crm=connect_source(key=ids.CRM, name="CRM", kind=Source.Kind.CRM, **known),
        desk=connect_source(key=ids.DESK, name="Help desk", kind=Source.Kind.SUPPORT, **known),
        billing=connect_source(key=ids.BILLING, name="Billing", kind=Source.Kind.BILLING, **known),
        office=office,
        moment=moment,
    )
