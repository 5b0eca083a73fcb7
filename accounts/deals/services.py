import datetime as dt
import logging
from contextlib import AbstractContextManager
from typing import Any

from django.core.exceptions import ValidationError

from accounts.contracts import services as contracts
from accounts.contracts.models import Contract
from accounts.deals.models import CLOSED_STATES, ContractProposal, Deal
from accounts.deals.proposals import terms
from accounts.events import services as events
from accounts.events.models import DirtyAccount
from accounts.foundation import audit
from accounts.foundation.keys import short_random
from accounts.foundation.lanes import lane
from accounts.portfolio.events import happened
from accounts.portfolio.models import Account
from accounts.workspace.models import Source
from accounts.workspace.queries import base_currency
from accounts.workspace.services import note_delivery

log = logging.getLogger(__name__)
State = Deal.State
Proposed = ContractProposal.State
OFFERED = ("arr_minor", "starts_on", "ends_on", "product", "seats", "replaces")
LONGEST_REASON = 250
NEEDED = {"arr_minor": "the amount a year", "starts_on": "the first day", "ends_on": "the last day"}


def save(account: Account, *, source: Source, external_id: str, by: Any, at: dt.datetime, **values: Any) -> Deal:
    """The deal that `source` calls `external_id`, created or changed; a repeat changes nothing.

    `values` are further fields of Deal; those that are not given stay as they are. A deal that becomes won proposes
    the contract that follows from it.
    """
    with in_turn(source, external_id):
        deal = Deal.objects.filter(source=source, external_id=external_id).first()
        if deal is None:
            deal = _open(Deal(source=source, external_id=external_id, account=account), values, by=by, at=at)
        else:
            _change(deal, {"account": account} | values, by=by, at=at)
        note_delivery(source, at=at)
    return deal


def enter(account: Account, *, by: Any, at: dt.datetime, **values: Any) -> Deal:
    """A deal that no CRM tells of, as a person enters it; `values` are further fields of Deal."""
    deal = Deal(external_id=f"by-hand-{short_random()}", account=account)
    with _in_turn(deal):
        return _open(deal, values, by=by, at=at)


def change(deal: Deal, *, by: Any, at: dt.datetime, **values: Any) -> Deal:
    """Sets fields of `deal`, as `save` does."""
    with _in_turn(deal):
        fresh = Deal.objects.select_related("account", "source").get(pk=deal.pk)
        _change(fresh, values, by=by, at=at)
    return fresh


def in_turn(source: Source, external_id: str) -> AbstractContextManager[None]:
    """Lets one at a time report the deal that `source` calls so: who comes second finds what the first made."""
    return _in_turn(Deal(source=source, external_id=external_id))


def _in_turn(deal: Deal) -> AbstractContextManager[None]:
    """Whoever reports or decides about one deal waits for whoever does so already."""
    return lane(f"deal {deal.known_as}")


def _open(deal: Deal, values: dict[str, Any], *, by: Any, at: dt.datetime) -> Deal:
    given = {"currency": base_currency(), "opened_at": at, "state": State.OPEN} | values
    _set(deal, given | {"closed_at": _closed_at(given, None, at=at)})
    deal.full_clean()
    audit.create(deal, verb="deal.open", by=by, at=at)
    happened("deal.opened", deal.account, by=by, at=deal.opened_at, subject=deal, **_data(deal))
    if deal.state != State.OPEN:
        _moved(deal, before=State.OPEN, by=by, at=at)
    return deal


def _change(deal: Deal, values: dict[str, Any], *, by: Any, at: dt.datetime) -> None:
    before = {name: getattr(deal, name) for name in values | {"state": "", "closed_at": None}}
    was_in = deal.account_id
    wanted = values | {"closed_at": _closed_at({"state": deal.state} | values, deal, at=at)}
    _set(deal, wanted)
    deal.full_clean()
    cleaned = {name: getattr(deal, name) for name in wanted}
    _set(deal, before)
    if not audit.update(deal, verb="deal.change", by=by, at=at, **cleaned):
        return
    events.mark({was_in, deal.account_id}, DirtyAccount.Pass.FACTS, at=at)
    if deal.state != before["state"]:
        _moved(deal, before=before["state"], by=by, at=at)
    elif deal.state == State.WON:
        _propose(deal, by=by, at=at, is_new_win=False)


def _set(deal: Deal, values: dict[str, Any]) -> None:
    for name, value in values.items():
        setattr(deal, name, value)


def _closed_at(values: dict[str, Any], deal: Deal | None, *, at: dt.datetime) -> dt.datetime | None:
    """When it was closed: as given, as known, or now; None for a deal that is not closed."""
    if values["state"] not in CLOSED_STATES:
        return None
    known = deal.closed_at if deal and deal.state == values["state"] else None
    return values.get("closed_at") or known or at


def _moved(deal: Deal, *, before: str, by: Any, at: dt.datetime) -> None:
    """Tells of a deal's new state, and proposes its contract where it is won."""
    if before in CLOSED_STATES and deal.state not in CLOSED_STATES:
        happened("deal.reopened", deal.account, by=by, at=at, subject=deal, **_data(deal))
    if deal.state == State.COMMITTED:
        happened("deal.committed", deal.account, by=by, at=at, subject=deal, **_data(deal))
    if deal.state == State.LOST:
        closed_at = deal.closed_at or at
        happened("deal.lost", deal.account, by=by, at=closed_at, subject=deal, reason=deal.lost_reason, **_data(deal))
    if deal.state == State.WON:
        _won(deal, by=by, at=at)


def _won(deal: Deal, *, by: Any, at: dt.datetime) -> None:
    """A deal is won once, however often its CRM says so: what follows from it must not start again."""
    key, closed_at = f"won:{deal.known_as}", deal.closed_at or at
    first = happened("deal.won", deal.account, by=by, at=closed_at, subject=deal, key=key, **_data(deal))
    if first is None:
        happened("deal.won_again", deal.account, by=by, at=closed_at, subject=deal, **_data(deal))
    _propose(deal, by=by, at=at, is_new_win=True)


def _data(deal: Deal) -> dict[str, Any]:
    return {"name": deal.name, "type": deal.type, "amount": deal.amount_minor, "currency": deal.currency}


def _propose(deal: Deal, *, by: Any, at: dt.datetime, is_new_win: bool) -> None:
    """Proposes the contract of a won deal, or brings the proposal up to date.

    An accepted one stands as it is; a declined one is proposed again only when the deal was lost and won again.
    """
    proposal = ContractProposal.objects.select_for_update().filter(deal=deal).first()
    if proposal is None:
        proposal = ContractProposal(deal=deal, proposed_at=at, **terms(deal))
        proposal.full_clean()
        audit.create(proposal, verb="proposal.make", by=by, at=at)
    elif proposal.is_undecided or (is_new_win and proposal.state == Proposed.DECLINED):
        undecided = {"state": Proposed.PROPOSED, "decided_at": None, "decided_by": None, "decline_reason": ""}
        if not audit.update(proposal, verb="proposal.renew", by=by, at=at, **undecided, **terms(deal)):
            return
    else:
        return
    if deal.source and deal.source.accepts_proposals and not proposal.missing:
        _accept_by_rule(proposal, at=at)


def _accept_by_rule(proposal: ContractProposal, *, at: dt.datetime) -> None:
    try:
        accept(proposal, by=None, at=at)
    except ValidationError as refused:  # a person will see it: the win must not be lost with it
        log.warning("The rule could not accept %s: %s", proposal.pk, " ".join(refused.messages))


def accept(proposal: ContractProposal, *, by: Any, at: dt.datetime, **agreed: Any) -> Contract:
    """Signs the contract that is proposed, with what `agreed` says instead: `arr_minor`, `starts_on`, `replaces` …

    Raises ValidationError where it is decided already, its deal is not won, or something is missing.
    """
    with _in_turn(proposal.deal):
        deal = _undecided(proposal)
        if deal.state != State.WON:
            state = deal.get_state_display().lower()
            raise ValidationError({"state": f"{deal} is {state}; only what is won is signed."})
        signed = {name: getattr(proposal, name) for name in OFFERED} | agreed
        if gaps := {name: f"Say {what}." for name, what in NEEDED.items() if signed[name] is None}:
            raise ValidationError(gaps)
        signed.setdefault("currency", base_currency() if "arr_minor" in agreed else proposal.currency)
        contract = contracts.sign(deal.account, by=by, at=at, signed_at=deal.closed_at or at, **signed)
        kept = {name: getattr(contract, name) for name in (*OFFERED, "currency")}
        _decide(proposal, "proposal.accept", Proposed.ACCEPTED, by=by, at=at, contract=contract, **kept)
    return contract


def decline(proposal: ContractProposal, *, reason: str, by: Any, at: dt.datetime) -> ContractProposal:
    """Says that no contract follows from the deal, or that it is in the books already, and why."""
    with _in_turn(proposal.deal):
        deal = _undecided(proposal)
        if not 0 < len(reason.strip()) <= LONGEST_REASON:
            message = f"Say why no contract follows from this deal, in at most {LONGEST_REASON} characters."
            raise ValidationError({"reason": message})
        _decide(proposal, "proposal.decline", Proposed.DECLINED, by=by, at=at, decline_reason=reason.strip())
        happened("deal.proposal_declined", deal.account, by=by, at=at, subject=deal, name=deal.name)
    return proposal


def _undecided(proposal: ContractProposal) -> Deal:
    """The deal of `proposal` as it stands now; refuses where somebody has decided meanwhile."""
    proposal.refresh_from_db(from_queryset=ContractProposal.objects.select_for_update())
    if not proposal.is_undecided:
        raise ValidationError({"state": f"This proposal is {proposal.get_state_display().lower()} already."})
    return Deal.objects.select_related("account", "source").get(pk=proposal.deal_id)


def _decide(proposal: ContractProposal, verb: str, state: str, *, by: Any, at: dt.datetime, **values: Any) -> None:
    audit.update(proposal, verb=verb, by=by, at=at, state=state, decided_at=at, decided_by=by, **values)
