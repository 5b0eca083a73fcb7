"""Health on the account page: the band and the score in the head, and everything behind them."""

from typing import Any

from accounts.foundation.clock import now
from accounts.portfolio.models import Account
from accounts.portfolio.registry import Headline, Panel, headlines, panels
from accounts.team.models import User
from retention.health.drawing import TREND_HEIGHT, TREND_WIDTH, trend
from retention.health.models import AccountHealth, Band
from retention.health.queries import change_of, explained, index_of_group, stands
from retention.health.wording import SHAPES, TONES, arrow


def _health(account: Account, user: User) -> dict[str, Any]:
    at = now()
    found = explained(account, at=at)
    sign, words = arrow(found.change)
    health = found.health
    return {
        "found": found,
        "group": index_of_group(account, user),
        "health": health,
        "tone": TONES[Band(health.band)] if health and health.band else "",
        "arrow": sign,
        "arrow_words": words,
        "trend": trend(found.history),
        "width": TREND_WIDTH,
        "height": TREND_HEIGHT,
        "changes": [row for row in reversed(found.history) if row.data_change or row.configuration_change][:10],
        "policy": _policy(health),
        "may_edit": user.may_edit(Account.AREA),
    }


def _policy(health: AccountHealth | None) -> str:
    """What is done about contradicting measures."""
    asked = health.version.contradiction if health and health.version and health.is_mixed else None
    return asked["policy"] if asked else ""


def _headline(account: Account, user: User) -> tuple[str, str]:
    health = stands(account, at=now())
    if health is None or not health.band:
        return "No model applies", ""
    band = Band(health.band)
    sign, words = arrow(change_of(health))
    score = "" if health.score is None else f" {health.score:g}"
    notes = [words] if health.score is not None else [f"{health.known_share:.0%} of what counts is known"]
    if health.band != health.computed_band:
        notes.append(
            f"set by hand; computed {Band(health.computed_band).label.lower()}" if health.computed_band else ""
        )
    notes += ["mixed signals"] if health.is_mixed else []
    notes += ["capped"] if health.capped_by else []
    return f"{SHAPES[band]} {band.label}{score} {sign}".rstrip(), ", ".join(filter(None, notes))


headlines.add("health", Headline("Health", _headline, order=20))
panels.add("health", Panel("Health", "retention/panels/health.html", _health, order=20))
