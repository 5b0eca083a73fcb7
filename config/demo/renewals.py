"""What becomes of contracts when their time comes: most are renewed, a few are let go."""

import datetime as dt
from typing import TYPE_CHECKING, Any

from accounts.contracts import services as contracts
from accounts.contracts.models import Contract
from accounts.deals.models import ContractProposal, Deal
from accounts.deals.services import accept, change
from accounts.deals.services import save as save_deal
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from config.demo.deals import later
from config.demo.dice import dice
from config.demo.ids import CRM
from config.demo.stories import Use

if TYPE_CHECKING:
    from config.demo.desk import Office

DAY = dt.timedelta(days=1)
OPENED, NOTICE = 90 * DAY, 45 * DAY
"""How long before its end the renewal of a contract is worked on, and notice is given."""
LEAVING = (Use.COLLAPSED, Use.DARK, Use.ENDED)
TERM = "next term"


def work(office: "Office") -> None:
    """Opens renewals, signs those whose day has come, takes notice, says goodbye."""
    ending = Contract.objects.filter(ends_on__lte=office.today + OPENED, replaced_by=None).order_by("pk")
    for contract in ending.select_related("account"):
        one = office.by_account.get(contract.account_id)
        if one is None:
            continue
        if contract.status == Contract.Status.CANCELLED:
            _leave(contract, office)
        elif contract.status == Contract.Status.ACTIVE and one.story.use in LEAVING:
            _give_notice(contract, office)
        elif contract.status == Contract.Status.ACTIVE:
            _renew(contract, office)


def _renew(contract: Contract, office: "Office") -> None:
    """Two of three are signed weeks before the end, some by the last day, some late."""
    one = office.by_account[contract.account_id]
    rng = dice(office.seed, "renewal", one.number, contract.ends_on)
    days = rng.choice((-30, -25, -20, -14, -10, -7, -3, -1, 8, 18))
    deal = _open(contract, office, factor=rng.choice((1.0, 1.0, 1.05, 1.08, 1.15)))
    if contract.ends_on + days * DAY > office.today:
        return
    known: dict[str, Any] = {
        "source": office.sources[CRM],
        "external_id": deal.external_id,
        "by": None,
        "at": office.at,
    }
    won = save_deal(contract.account, state="won", phase="Closed won", probability=100, **known)
    proposal = ContractProposal.objects.get(deal=won)
    if not proposal.is_undecided:
        return
    starts_on = contract.next_start
    accept(
        proposal,
        replaces=contract,
        arr_minor=won.amount_minor,
        starts_on=starts_on,
        ends_on=later(starts_on, months=12) - DAY,
        seats=contract.seats,
        product=contract.product,
        usage_fact=contract.usage_fact,
        usage_target=contract.usage_target,
        notice_days=contract.notice_days,
        auto_renews=contract.auto_renews,
        by=one.csm,
        at=office.at,
    )


def _open(contract: Contract, office: "Office", *, factor: float) -> Deal:
    """The open renewal of the account, or a new one."""
    open_one = Deal.objects.filter(
        account=contract.account, source=office.sources[CRM], type=Deal.Type.RENEWAL, state=Deal.State.OPEN
    ).first()
    if open_one:
        return open_one
    one = office.by_account[contract.account_id]
    return save_deal(
        contract.account,
        source=office.sources[CRM],
        external_id=f"006{one.number:06}-{contract.pk}",
        by=None,
        at=office.at,
        name=f"{contract.account.name[:150]}, {TERM}",
        type=Deal.Type.RENEWAL,
        amount_minor=round(contract.arr_minor * factor / 50_000) * 50_000,
        probability=75,
        phase="Proposal sent",
        expected_close_on=max(contract.ends_on, office.today),
    )


def _give_notice(contract: Contract, office: "Office") -> None:
    """Whoever has stopped using the product says so before the contract ends."""
    if contract.ends_on - NOTICE > office.today:
        return
    contracts.cancel(contract, by=None, at=office.at)
    for deal in Deal.objects.filter(account=contract.account, type=Deal.Type.RENEWAL, state=Deal.State.OPEN):
        change(deal, state="lost", lost_reason="They no longer use it.", by=None, at=office.at)


def _leave(contract: Contract, office: "Office") -> None:
    """A customer whose last contract has ended is one no more."""
    running = contract.account.contracts.filter(ends_on__gte=office.today).exists()
    if not running and contract.account.state != Account.State.CHURNED:
        portfolio.change(contract.account, by=None, at=office.at, state=Account.State.CHURNED)
