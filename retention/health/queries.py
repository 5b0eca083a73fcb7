import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, FloatField, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Cast

from accounts.facts.lookup import find
from accounts.facts.queries import values_of
from accounts.facts.wording import shown
from accounts.foundation.many import among
from accounts.portfolio.models import Account
from accounts.portfolio.queries import LISTED, listed
from accounts.team.models import User
from accounts.workspace.queries import base_currency, today
from retention.evaluation.rollups import below
from retention.health import wording
from retention.health.models import AccountHealth, Band, HealthCap, HealthMeasure, HealthOverride, HealthScore
from retention.health.scales import facts_in
from retention.health.scoring import by_key

MONTH = dt.timedelta(days=30)
YEAR = dt.timedelta(days=365)


def with_earlier_score(rows: QuerySet[Any], *, at: dt.datetime, account: str = "account") -> QuerySet[Any]:
    """`rows` with what their account scored 30 days before `at`."""
    earlier = HealthScore.objects.filter(account=OuterRef(account), at__lte=at - MONTH).order_by("-at", "-id")
    return rows.annotate(earlier_score=Subquery(earlier.values("score")[:1]))


def change_of(health: Any) -> float | None:
    """By how many points a row that `with_earlier_score` made moved in 30 days."""
    if health.score is None or health.earlier_score is None:
        return None
    return round(health.score - health.earlier_score, 1)


@dataclass(frozen=True)
class Line:
    """One measure of one account: the values behind it, its points, and what they do to the score."""

    measure: HealthMeasure
    values: Sequence[tuple[str, str]]
    words: Sequence[str]
    points: float | None
    counted: float | None
    contribution: float | None

    @property
    def policy(self) -> str:
        """What the missing value does; empty where there is one."""
        if self.points is not None:
            return ""
        return "left out" if self.counted is None else f"counts as {self.counted:g}"


@dataclass(frozen=True)
class Explained:
    """The health of one account with everything behind it."""

    health: AccountHealth | None
    change: float | None
    lines: Sequence[Line]
    caps: Sequence[tuple[HealthCap, str]]
    uncapped: float | None
    history: Sequence[HealthScore]
    override: HealthOverride | None

    @property
    def cap(self) -> HealthCap | None:
        """The cap that holds the score down."""
        return next((cap for cap, _ in self.caps if self.health and cap.key == self.health.capped_by), None)


def health_of(account: Account, *, at: dt.datetime) -> AccountHealth | None:
    """How healthy the account is, with the score of 30 days ago; None where it was never looked at."""
    rows = AccountHealth.objects.filter(account=account).select_related("version__model")
    found: AccountHealth | None = with_earlier_score(rows, at=at).first()
    return found


def stands(account: Account, *, at: dt.datetime) -> AccountHealth | None:
    """`health_of`, asked once for a page that shows it in several places."""
    if not hasattr(account, "stands"):
        account.stands = health_of(account, at=at)  # type: ignore[attr-defined]
    return account.stands  # type: ignore[attr-defined]


def override_of(account: Account, *, at: dt.datetime) -> HealthOverride | None:
    """What a person said of the account, as long as it counts."""
    made = HealthOverride.objects.filter(account=account, ended_at=None).select_related("made_by").first()
    return made if made and made.until_on >= today(at) else None


def explained(account: Account, *, at: dt.datetime) -> Explained:
    """The health of the account with measures, caps and the history of a year."""
    health, override = stands(account, at=at), override_of(account, at=at)
    rows = HealthScore.objects.filter(account=account, at__gte=at - YEAR).select_related("version__model")
    history = list(rows.order_by("at", "id"))
    if health is None or health.version is None or not history:
        return Explained(health, None, [], [], None, history, override)
    parts = history[-1].parts
    held = parts.get("caps")
    rows_of_caps = health.version.caps.filter(key__in=held) if held else ()
    caps = [(one, wording.condition(one.when)) for one in rows_of_caps]
    lines = _lines(account, health, parts)
    return Explained(health, change_of(health), lines, caps, parts.get("uncapped"), history, override)


def _lines(account: Account, health: AccountHealth, parts: Any) -> list[Line]:
    assert health.version is not None
    measures, kept = list(health.version.measures.all()), by_key(parts)
    asked = {key for one in measures for key in facts_in(one.scale)}
    currency = base_currency()
    known = values_of([account.pk], asked, currency=currency).get(account.pk, {})
    weight = sum(part.weight for part in kept.values() if part.counted is not None)
    found = []
    for one in measures:
        part = kept.get(one.key)
        values = [
            (wording.name_of(key), shown(key, known.get(key), currency=currency))
            for key in facts_in(one.scale)
            if find(key)
        ]
        counted = part.counted if part else None
        share = one.weight * counted / weight if counted is not None and weight else None
        found.append(Line(one, values, wording.scale(one.scale), part.points if part else None, counted, share))
    return found


@dataclass(frozen=True)
class Index:
    """The health of a book as one number: the mean of known scores by ARR, and the share of ARR without a score."""

    score: float | None
    insufficient_share: float | None
    counts: Sequence[tuple[Band, int]]

    @property
    def accounts(self) -> int:
        """How many accounts a model applies to."""
        return sum(count for _, count in self.counts)


def index(user: User) -> Index:
    """The health of the accounts that the user sees."""
    return _index(AccountHealth.objects.for_user(user).filter(account__in=listed()))


def index_of_group(account: Account, user: User) -> Index | None:
    """The health of the account and of those below it that the user sees; None where none stands below."""
    group = below(account).filter(LISTED)
    if not group.exists():
        return None
    its = Q(account__in=group.values("pk")) | Q(account=account)
    return _index(AccountHealth.objects.for_user(user).filter(its))


def _index(rows: QuerySet[Any]) -> Index:
    rows = rows.exclude(band="")
    arr: Any = Cast(F("account__facts__arr_minor"), FloatField())
    no_score = When(score=None, then=arr)
    sums = rows.aggregate(
        whole=Sum(arr),
        weighed=Sum(F("score") * arr),
        unknown=Sum(Case(no_score, default=Value(0.0), output_field=FloatField())),
    )
    whole, unknown = sums["whole"] or 0.0, sums["unknown"] or 0.0
    counts = dict(rows.order_by().values_list("band").annotate(count=Sum(Value(1))))
    score = round((sums["weighed"] or 0.0) / (whole - unknown), 1) if whole > unknown else None
    share = unknown / whole if whole else None
    return Index(score, share, [(band, counts.get(band.value, 0)) for band in Band])


@dataclass(frozen=True)
class Glance:
    """The health of one account in a line of a list."""

    band: str
    shape: str
    tone: str
    score: float | None
    arrow: str
    words: str
    is_mixed: bool
    is_overridden: bool


def at_a_glance(account_ids: Iterable[int], *, at: dt.datetime) -> dict[int, Glance]:
    """Account id → its health, in one query; accounts to which no model applies are missing."""
    rows = AccountHealth.objects.filter(pk__in=among(account_ids)).exclude(band="")
    return {row.pk: _glance(row) for row in with_earlier_score(rows, at=at)}


def _glance(row: Any) -> Glance:
    band = Band(row.band)
    sign, words = wording.arrow(change_of(row)) if row.score is not None else ("", "too little is known")
    return Glance(
        band=band.label,
        shape=wording.SHAPES[band],
        tone=wording.TONES[band],
        score=row.score,
        arrow=sign,
        words=words,
        is_mixed=row.is_mixed,
        is_overridden=row.band != row.computed_band,
    )
