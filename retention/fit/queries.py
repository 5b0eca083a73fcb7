from django.db.models import Count

from accounts.facts.models import AccountFacts
from accounts.facts.queries import rows_of, values
from accounts.foundation.clock import now
from accounts.portfolio.models import Account
from accounts.portfolio.queries import listed
from accounts.team.models import User
from accounts.workspace.queries import base_currency, today
from retention.conditions.comparing import Moment
from retention.fit.scoring import BAD, FITS, REVIEW, Fit, scorer

BANDS = {FITS: "Fit", REVIEW: "To review", BAD: "Bad fit", None: "Unknown"}


def fit_of(account: Account) -> Fit | None:
    """How well the account fits now, criterion by criterion; None where nobody has said whom the product is for."""
    asked, row = scorer(), rows_of([account.pk]).get(account.pk)
    if asked is None:
        return None
    at = now()
    known = values(row, currency=base_currency()) if row else {}
    return asked.score(known, Moment(as_of=at, today=today(at)))


def spread(user: User) -> list[tuple[str, int]]:
    """How many of the user's accounts are in each band, in words, best first; unknown comes last."""
    rows = AccountFacts.objects.for_user(user).filter(account__in=listed())
    counts = dict(rows.order_by().values_list("icp_fit_band").annotate(count=Count("pk")))
    return [(label, counts.get(band, 0)) for band, label in BANDS.items()]
