"""Renewal risk and raised risks on the account page."""

from typing import Any

from accounts.foundation import money
from accounts.foundation.clock import now
from accounts.portfolio.models import Account
from accounts.portfolio.registry import Headline, Panel, headlines, panels
from accounts.team.models import User
from accounts.workspace.queries import base_currency, today
from retention.evaluation.reading import read
from retention.risks.models import Tier
from retention.risks.queries import changes_of, is_late, rating, risks_of

TONES = {Tier.HIGH: "bad", Tier.MEDIUM: "warn", Tier.LOW: "good", Tier.UNKNOWN: ""}
SHAPES = {Tier.HIGH: "▲", Tier.MEDIUM: "◆", Tier.LOW: "●", Tier.UNKNOWN: "○"}


def _risk(account: Account, user: User) -> dict[str, Any]:
    rated, currency, day = rating(account), base_currency(), today(now())
    reasons = rated.reasons if rated else []
    risks = [
        (risk, "" if risk.arr_minor is None else money.shown(risk.arr_minor, currency), is_late(risk, day=day))
        for risk in risks_of(account, user)
    ]
    return {
        "rated": rated,
        "tone": TONES[Tier(rated.tier)] if rated else "",
        "true": [(one, read(one["clauses"])) for one in reasons if one["truth"]],
        "unknown": [one["name"] for one in reasons if one["truth"] is None],
        "changes": changes_of(account) if rated else [],
        "risks": risks,
        "account": account,
        "may_edit": user.may_edit(Account.AREA),
    }


def _headline(account: Account, user: User) -> tuple[str, str]:
    rated = rating(account)
    if rated is None:
        return "Not rated", ""
    tier = Tier(rated.tier)
    return f"{SHAPES[tier]} {tier.label}", f"{rated.points} points"


headlines.add("risk", Headline("Renewal risk", _headline, order=25))
panels.add("risk", Panel("Risk", "retention/panels/risk.html", _risk, order=25))
