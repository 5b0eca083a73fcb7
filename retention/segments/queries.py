import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Count, Exists, OuterRef, Subquery, Sum

from accounts.portfolio.models import Account
from accounts.portfolio.queries import LISTED, listed
from accounts.team.models import User
from retention.evaluation.differences import told_versions
from retention.evaluation.models import Edge
from retention.segments.drafts import drafts_of
from retention.segments.models import AccountSegment, Dimension, DimensionVersion, Segment, SegmentChange


def current_versions() -> models.QuerySet[Any]:
    """The version of each dimension that is in force."""
    newer = DimensionVersion.objects.filter(dimension=OuterRef("dimension"), number__gt=OuterRef("number"))
    return DimensionVersion.objects.filter(~Exists(newer)).select_related("dimension")


def current_version(dimension: Dimension) -> DimensionVersion | None:
    """The version of `dimension` in force, with its segments."""
    return current_versions().filter(dimension=dimension).prefetch_related("segments").first()


CONDITIONS = {"condition": "takes accounts for which"}


def versions(dimension: Dimension) -> list[tuple[DimensionVersion, list[str]]]:
    """The latest versions, the newest first, each with what it says otherwise than the one before."""
    rows = dimension.versions.select_related("published_by").prefetch_related("segments")
    labels = {field.name: str(field.verbose_name) for field in Segment._meta.concrete_fields}
    return told_versions(rows, drafts_of, conditions=CONDITIONS, labels=labels)


def current_segments() -> models.QuerySet[Any]:
    """The segments in force, of all dimensions, in order."""
    rows = Segment.objects.filter(version__in=current_versions().values("pk")).select_related("version__dimension")
    return rows.order_by("version__dimension__name", "position")


@dataclass(frozen=True)
class Size:
    """How many accounts there are in a segment, and what they pay a year."""

    accounts: int = 0
    arr_minor: int = 0


def members(user: User) -> models.QuerySet[Any]:
    """Where the accounts stand that `user` may see and people work with."""
    rows: Any = AccountSegment.objects
    return rows.for_user(user).filter(account__in=listed().values("pk"))


def sizes(user: User, *, dimension: Dimension | None = None) -> dict[tuple[str, str], Size]:
    """(Dimension key, segment key) → its size, of the accounts that `user` may see."""
    rows = members(user).filter(**({"dimension": dimension} if dimension else {}))
    found = rows.order_by().values_list("dimension__key", "segment__key")
    counted = found.annotate(accounts=Count("pk"), arr=Sum("account__facts__arr_minor"))
    return {(one, segment): Size(count, arr or 0) for one, segment, count, arr in counted}


def segments_of(account: Account) -> list[AccountSegment]:
    """The segments of one account, one for each dimension."""
    rows = AccountSegment.objects.filter(account=account).select_related("dimension", "segment")
    return list(rows.order_by("dimension__name"))


def latest_changes(account: Account) -> dict[int, SegmentChange]:
    """Dimension id → the move that brought the account where it is."""
    rows = SegmentChange.objects.filter(account=account).select_related("edge", "from_segment", "to_segment")
    found: dict[int, SegmentChange] = {}
    for change in rows.order_by("at", "id"):
        found[change.dimension_id] = change
    return found


def reasons(change: SegmentChange | None) -> list[dict[str, Any]]:
    """The comparisons that brought an account where it is; those by which it fits no earlier segment are left out.

    Empty where no edge did: a change of the rules moved it.
    """
    clauses = change.edge.clauses if change and change.edge else []
    return [clause for clause in clauses if clause["truth"]] or clauses


def membership(
    dimension: Dimension, *, as_of: dt.datetime, account_ids: Collection[int] | None = None
) -> dict[int, str]:
    """Account id → the key of its segment at that moment, by the record of moves; who had none is missing."""
    then = SegmentChange.objects.filter(dimension=dimension, at__lte=as_of)
    latest = then.filter(account=OuterRef("account")).order_by("-at", "-id").values("pk")[:1]
    rows = then.filter(pk=Subquery(latest))
    if account_ids is not None:
        rows = rows.filter(account__in=account_ids)
    return dict(rows.values_list("account", "to_segment__key"))


@dataclass(frozen=True)
class Movement:
    """How accounts moved between the segments of a dimension in some time."""

    pairs: dict[tuple[str, str], int]
    """(Key of the segment left, key of the one entered) → moves."""
    weeks: list[tuple[dt.date, Counter[str], Counter[str]]]
    """First day of each week, with how many entered and how many left each segment in it."""
    by_rule: int
    """Of all moves those that a changed rule made; the others follow from what customers did."""

    @property
    def total(self) -> int:
        """All moves."""
        return sum(self.pairs.values())


DAYS = 90


def movement(dimension: Dimension, user: User, *, until: dt.datetime, days: int = DAYS) -> Movement:
    """Moves of the accounts that `user` may see within `days` before `until`. A first segment is no move."""
    rows: Any = SegmentChange.objects
    since = until - dt.timedelta(days=days)
    found = rows.for_user(user).filter(dimension=dimension, at__gt=since, at__lte=until, from_segment__isnull=False)
    pairs: Counter[tuple[str, str]] = Counter()
    first = since.date() - dt.timedelta(days=since.weekday())
    count = (until.date() - first).days // 7 + 1
    weeks = [(first + dt.timedelta(days=7 * number), Counter[str](), Counter[str]()) for number in range(count)]
    by_rule = 0
    told = found.order_by().values_list("from_segment__key", "to_segment__key", "at", "cause")
    for left, entered, at, cause in told:
        pairs[left, entered] += 1
        by_rule += cause == Edge.Cause.DEFINITION
        _, came, went = weeks[(at.date() - first).days // 7]
        came[entered] += 1
        went[left] += 1
    return Movement(dict(pairs), weeks, by_rule)


def in_segment(dimension: Dimension, key: str, user: User) -> models.QuerySet[Any]:
    """The accounts of one segment that `user` may see, by name."""
    rows: Any = Account.objects
    mine = AccountSegment.objects.filter(dimension=dimension, segment__key=key)
    return rows.for_user(user).filter(LISTED, pk__in=mine.values("account")).order_by("name", "pk")


@dataclass(frozen=True)
class Cell:
    """The accounts that stand in the same segment of each of some dimensions."""

    keys: tuple[str, ...]
    size: Size


def combined(dimensions: Iterable[Dimension], user: User) -> list[Cell]:
    """How the accounts that `user` may see spread over the segments of some dimensions together; empty cells are left
    out.
    """
    rows: Any = Account.objects
    found = rows.for_user(user).filter(LISTED)
    names = []
    for dimension in dimensions:
        name = f"segment_{dimension.pk}"
        mine = AccountSegment.objects.filter(account=OuterRef("pk"), dimension=dimension)
        found = found.annotate(**{name: Subquery(mine.values("segment__key"))}).filter(**{f"{name}__isnull": False})
        names.append(name)
    counted = found.order_by().values_list(*names).annotate(accounts=Count("pk"), arr=Sum("facts__arr_minor"))
    return [Cell(tuple(keys), Size(count, arr or 0)) for *keys, count, arr in counted]
