"""The page of a handoff, for both sides, and one item of it as a fragment."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.timezone import localdate

from accounts.deals.models import ContractProposal, Deal
from accounts.facts.queries import values_of
from accounts.foundation.clock import now
from accounts.foundation.console import reader
from accounts.stakeholders.models import Stakeholder, StakeholderRole
from accounts.workspace.queries import base_currency
from retention.handoffs import services, sides
from retention.handoffs.checklist import Checklist, Line, checklist, given
from retention.handoffs.forms import NEW, PromiseForm, WaitForm, typed
from retention.handoffs.models import Handoff, ItemReturn, Promise
from retention.raci.parts import Function, Part
from retention.success_plans import prospects
from retention.success_plans.choosing import Choice, people_by_role
from retention.success_plans.models import SuccessPlan
from retention.success_plans.prospect_models import ProspectLink
from retention.work.queries import clock_face

NAMED = 3
"""So many of the missing items a refusal names."""
INITIALS = {"sales": "S", "marketing": "M", "cs": "C", "support": "Su", "revops": "R"}


@dataclass(frozen=True)
class Shown:
    """One request about one handoff."""

    page: Any
    request: HttpRequest
    handoff: Handoff

    @property
    def user(self) -> Any:
        return reader(self.request)

    def may(self, found: Checklist) -> dict[str, bool]:
        """What the reader may do now, each with whether."""
        handoff, state = self.handoff, self.handoff.state
        is_running = handoff.state in (Handoff.State.OPEN, Handoff.State.RETURNED)
        fills = sides.may_fill(handoff, self.user)
        accepts = sides.may_accept(handoff, self.user)
        needs_sign = found.is_bad_fit and handoff.fit_signed_at is None and not handoff.is_over
        return {
            "fill": fills and handoff.is_with_giver,
            "submit": fills and is_running,
            "accept": accepts and state == Handoff.State.SUBMITTED,
            "judge": accepts and state in (Handoff.State.SUBMITTED, Handoff.State.ACCEPTED),
            "sign": needs_sign and sides.may_sign_fit(self.user),
            "needs_sign": needs_sign,
            "wait": self.user.may_edit(Handoff.AREA) and bool(handoff.work and handoff.work.is_open),
            "cancel": self.user.may_edit(Handoff.AREA) and not handoff.is_over,
        }

    def plans(self, found: Checklist) -> dict[str, Any]:
        """What an item that wants a success plan offers: those of the account, and what would be drafted."""
        if not any(line.item.evidence == "plan" for line in found.lines):
            return {}
        account = self.handoff.account
        plans = list(SuccessPlan.objects.for_user(self.user).filter(account=account))
        has_one = self.handoff.deal_id is not None and any(plan.deal_id == self.handoff.deal_id for plan in plans)
        if has_one or not self.user.may_edit(SuccessPlan.AREA):
            return {"plans": plans}
        fits = Choice().plan(account, people_by_role(account).get(StakeholderRole.Role.CHAMPION))
        return {"plans": plans, "drafted_from": fits.template if fits else None}

    def people(self) -> list[Stakeholder]:
        """Whom an item about a person can name."""
        return list(Stakeholder.objects.filter(account=self.handoff.account_id, left_at=None))


def raci_of(line: Line) -> list[tuple[str, str, str]]:
    """Letters, what they stand for, and the initial of the function, of those that have a part."""
    parts = line.item.parts
    return [
        (INITIALS[name], parts[name], f"{Function(name).label}: {Part(parts[name]).label.lower()}")
        for name in Function.values
        if name in parts
    ]


def shown_value(line: Line) -> str:
    """What was given for an item, in words."""
    value = given(line.item, line.answer)
    if line.item.evidence == "promises":
        return "None was made" if value else ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, dt.date):
        return f"{value:%d %b %Y}".removeprefix("0")
    return "" if value is None else f"{value:,f}".rstrip("0").rstrip(".") if hasattr(value, "as_tuple") else str(value)


def row_of(line: Line, **more: Any) -> dict[str, Any]:
    """What the template of an item is given."""
    value = given(line.item, line.answer)
    if line.item.evidence == "date" and value:
        value = value.isoformat()
    if line.item.evidence == "number" and value is not None:
        value = f"{value:f}".rstrip("0").rstrip(".") if "." in f"{value:f}" else f"{value:f}"
    chosen = getattr(value, "pk", "") if line.item.evidence in ("stakeholder", "plan") else ""
    given_words = shown_value(line)
    row = {
        "line": line,
        "item": line.item,
        "raci": raci_of(line),
        "words": given_words,
        "value": value,
        "chosen": chosen,
    }
    return row | {"is_overdue": bool(line.is_open and line.due_at and line.due_at < now())} | more


def page(shown: Shown, *, error: ValidationError | None = None) -> HttpResponse:
    """The whole checklist, with what blocks on top; after a refusal with what was typed."""
    handoff, at = shown.handoff, now()
    sent = shown.request.POST
    promise = {"data": sent} if sent.get("verb") == "promise" else {"initial": {"promised_by": shown.user.pk}}
    found = checklist(handoff, at=at)
    may = shown.may(found)
    context = {
        **shown.page.admin_site.each_context(shown.request),
        **state_of(shown, found),
        "title": str(handoff),
        "may": may,
        "parts": [(part, [row_of(line, sent=_sent(sent, line)) for line in part.lines]) for part in found.parts],
        "people": shown.people() if may["fill"] else [],
        **(shown.plans(found) if may["fill"] else {}),
        "errors": _words(error) if error else [],
        "promises": [(one, _said(sent, one)) for one in found.promises],
        "reasons": ItemReturn.Reason.choices,
        "verdicts": Promise.Verdict.choices,
        "promise_form": PromiseForm(user=shown.user, **promise),
        "wait_form": WaitForm(),
        **_shown_before(shown),
        "clock": clock_face(handoff.work, at=at) if handoff.work and handoff.work.clock else None,
    }
    return render(shown.request, "retention/handoff/page.html", context, status=400 if error else 200)


def _words(error: ValidationError) -> list[str]:
    """What was refused, for people; of all that is missing the first, because the rest stands beside it."""
    if not isinstance(error, services.Blocked) or len(error.items) <= NAMED:
        return error.messages
    return [f"Still missing: {', '.join(error.items[:NAMED])}, and {len(error.items) - NAMED} more."]


def _sent(sent: QueryDict, line: Line) -> dict[str, Any]:
    """What was ticked and typed about returning one item, in a form that was refused."""
    key = line.item.key
    return {
        "ticked": key in sent.getlist("return"),
        "reason": sent.get(f"reason_{key}", ""),
        "note": sent.get(f"note_{key}", ""),
    }


def _shown_before(shown: Shown) -> dict[str, Any]:
    """The pages on which the prospect of a deal sees the first 90 days: made while the handoff is a draft."""
    deal, user = shown.handoff.deal, shown.user
    if deal is None or user.reach(ProspectLink.AREA) is None:
        return {}
    found = prospects.listed(deal.prospect_links.all(), user, at=now())
    is_draft = shown.handoff.state == Handoff.State.DRAFT
    may_show = is_draft and user.may_edit(ProspectLink.AREA) and Deal.objects.for_user(user).filter(pk=deal.pk).exists()
    return {
        "prospect_links": found,
        "shows_prospects": bool(found) or may_show,
        "may_show": user.may_edit(ProspectLink.AREA),
        "new_address": f"?deal={deal.pk}",
    }


def state_of(shown: Shown, found: Checklist) -> dict[str, Any]:
    """What the top of the page says: how ready it is, what blocks, what was promised to the customer."""
    handoff = shown.handoff
    facts = {one["fact"] for one in handoff.version.promised if one.get("fact")}
    kept = _kept(handoff, facts)
    dates = [
        (
            one["label"],
            localdate(dt.datetime.fromisoformat(handoff.promised[one["key"]])),
            kept.get(one.get("fact", "")),
        )
        for one in handoff.version.promised
        if one["key"] in handoff.promised
    ]
    proposal = getattr(handoff.deal, "proposal", None)
    unsigned = proposal is not None and proposal.state == ContractProposal.State.PROPOSED
    return {"handoff": handoff, "found": found, "open": found.open, "dates": dates, "unsigned": unsigned}


def _kept(handoff: Handoff, keys: set[str]) -> dict[str, Any]:
    """The facts that say when a promised date was kept; what was so before the win kept nothing."""
    if not keys:
        return {}
    known = values_of([handoff.account_id], keys, currency=base_currency()).get(handoff.account_id, {})
    won_at = (handoff.deal.closed_at if handoff.deal else None) or handoff.created_at
    return {key: value for key, value in known.items() if isinstance(value, dt.datetime) and value >= won_at}


def _said(sent: QueryDict, promise: Promise) -> dict[str, Any]:
    """What was chosen and typed about keeping a promise in a form that was refused; else what was said of it."""
    if sent.get("verb") == "judge" and sent.get("promise") == str(promise.pk):
        return {"verdict": sent.get("verdict", ""), "note": sent.get("note", "")}
    return {"verdict": promise.verdict, "note": promise.note}


def item_page(shown: Shown, key: str) -> HttpResponse:
    """Saves one item, and answers with its fragment and the top of the page as they stand then."""
    handoff = shown.handoff
    line = checklist(handoff).line(key)
    if line is None:
        raise Http404("There is no such item in this handoff.")
    more: dict[str, Any] = {}
    status = 200
    if shown.request.method == "POST":
        more, status = _saved(shown, line)
    handoff.refresh_from_db()
    fresh = checklist(handoff)
    line = fresh.line(key) or line
    part = next(one for one in fresh.parts if any(one_line.item.key == key for one_line in one.lines))
    context = state_of(shown, fresh) | {
        "row": row_of(line, **more),
        "part": part,
        "may": shown.may(fresh),
        "people": shown.people(),
        **shown.plans(fresh),
        "is_fragment": True,
        "reasons": ItemReturn.Reason.choices,
    }
    return render(shown.request, "retention/handoff/saved.html", context, status=status)


def _saved(shown: Shown, line: Line) -> tuple[dict[str, Any], int]:
    """Saves what was typed; what the fragment says besides, and its status."""
    sent, added = shown.request.POST, None
    revision = int(sent["revision"]) if sent.get("revision", "").isdecimal() else 0
    try:
        if not sides.may_fill(shown.handoff, shown.user):
            raise services.NotPossible("The other side fills this in.")
        if sent.get("draft"):
            services.draft_plan(shown.handoff, line.item, revision=revision, by=shown.user, at=now())
        else:
            value = typed(shown.request, shown.handoff, line.item)
            saved = services.save(shown.handoff, line.item, value, revision=revision, by=shown.user, at=now())
            added = saved.stakeholder if sent.get("value") == NEW else None
    except services.Stale as stale:
        theirs = Line(line.item, stale.theirs, None, line.known, False, line.blocks, None)
        return {"value": sent.get("value", ""), "stale": stale.theirs, "theirs": shown_value(theirs)}, 409
    except ValidationError as refused:
        return {"value": sent.get("value", ""), "chosen": sent.get("value", ""), "errors": refused.messages}, 400
    return {"is_saved": True, "added": added}, 200
