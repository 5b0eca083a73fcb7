"""Fit on the account page."""

from typing import Any

from accounts.portfolio.models import Account
from accounts.portfolio.registry import Panel, panels
from accounts.team.models import User
from retention.builder.registry import choices
from retention.evaluation.reading import in_words
from retention.fit.queries import BANDS, fit_of
from retention.fit.scoring import ENOUGH


def _fit(account: Account, user: User) -> dict[str, Any]:
    fit = fit_of(account)
    if fit is None:
        return {"fit": None}
    rows = [(one.criterion, in_words(one.criterion.matches), one.truth) for one in fit.verdicts]
    return {"fit": fit, "band": BANDS[fit.band], "rows": rows, "enough": round(100 * ENOUGH)}


panels.add("fit", Panel("Fit", "retention/panels/fit.html", _fit, order=70))
choices.add("icp_fit_band", lambda: [(band, label) for band, label in BANDS.items() if band])
