import datetime as dt
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode

from accounts.catalogue.models import Product
from accounts.foundation.clock import now
from accounts.foundation.console import ConsoleAdmin, reader
from accounts.portfolio.models import Account
from retention.segments import edit_page, owners, queries
from retention.segments.combining import FEWEST_ACCOUNTS, combine
from retention.segments.effort import Effort, effort
from retention.segments.lines import whom
from retention.segments.models import Dimension, DimensionVersion, Segment
from retention.segments.queries import Size

ROWS = 50
WEEK = dt.timedelta(days=7)


@admin.register(Dimension)
class DimensionAdmin(ConsoleAdmin):
    """Dimensions of segments: what each takes, how large it is, how accounts move, who looks after them."""

    search_fields = ("name",)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        segment = "<int:pk>/segment/<str:key>/"
        return [
            path("new/", wrap(self.new_view), name="retention_dimension_new"),
            path("combine/", wrap(self.combine_view), name="retention_dimension_combine"),
            path("<int:pk>/edit/", wrap(self.edit_view), name="retention_dimension_edit"),
            path(segment, wrap(self.segment_view), name="retention_dimension_segment"),
            path(f"{segment}owners/", wrap(self.owners_view), name="retention_dimension_owners"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """All dimensions, with the accounts of each segment."""
        if reader(request).reach(Dimension.AREA) is None:
            raise PermissionDenied
        sizes = queries.sizes(reader(request))
        own: dict[int, list[tuple[Segment, Size]]] = {}
        for segment in queries.current_segments():
            dimension = segment.version.dimension
            size = sizes.get((dimension.key, segment.key), Size())
            own.setdefault(dimension.pk, []).append((segment, size))
        rows = [(dimension, own.get(dimension.pk, [])) for dimension in self.get_queryset(request)]
        return self._page(request, "list", {"title": "Segments", "rows": rows})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One dimension: its segments in words, and how accounts moved between them."""
        dimension = self._dimension(request, object_id)
        version, user = queries.current_version(dimension), reader(request)
        segments = list(version.segments.all()) if version else []
        sizes = queries.sizes(user, dimension=dimension)
        movement = queries.movement(dimension, user, until=now())
        total = sum(size.accounts for size in sizes.values())
        is_planned = any(one.time_share is not None for one in segments)
        context = {
            "title": dimension.name,
            "dimension": dimension,
            "version": version,
            "rows": [(one, whom(one.condition), sizes.get((dimension.key, one.key), Size())) for one in segments],
            "total": total,
            "efforts": _efforts(segments, effort(dimension, user, until=now())) if is_planned else [],
            "movement": movement,
            "matrix": _matrix(segments, movement),
            "versions": queries.versions(dimension),
        }
        return self._page(request, "page", context)

    def new_view(self, request: HttpRequest) -> HttpResponse:
        """A new dimension, with what it would do."""
        if not reader(request).may_edit(Dimension.AREA):
            raise PermissionDenied
        return edit_page.view(self, request, None)

    def edit_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A new version of a dimension, with what it would do."""
        dimension = self._dimension(request, pk)
        if not reader(request).may_edit(Dimension.AREA):
            raise PermissionDenied
        return edit_page.view(self, request, dimension)

    def segment_view(self, request: HttpRequest, pk: int, key: str) -> HttpResponse:
        """One segment: its accounts, who looks after them, how, and how they came and went."""
        dimension, version, segment = self._segment(request, pk, key)
        user = reader(request)
        movement = queries.movement(dimension, user, until=now())
        rows = queries.in_segment(dimension, key, user).select_related("facts")
        sizes = queries.sizes(user, dimension=dimension)
        found = Paginator(rows.prefetch_related("members__user"), ROWS).get_page(request.GET.get("page"))
        context = {
            "title": f"{dimension.name}: {segment.name}",
            "dimension": dimension,
            "segment": segment,
            "words": whom(segment.condition),
            "size": sizes.get((dimension.key, key), Size()),
            "weeks": _weeks(movement, key, dimension),
            "most": max((max(came[key], went[key]) for _, came, went in movement.weeks), default=0),
            "came": sum(count for (_, entered), count in movement.pairs.items() if entered == key),
            "went": sum(count for (left, _), count in movement.pairs.items() if left == key),
            "products": Product.objects.filter(key__in=segment.products),
            "loads": owners.loads(segment, at=now(), reader=user) if segment.care else [],
            "may_assign": bool(segment.care) and user.may_edit(Account.AREA) and user.reach(Account.AREA) == "all",
            "found": found,
        }
        return self._page(request, "segment", context)

    def owners_view(self, request: HttpRequest, pk: int, key: str) -> HttpResponse:
        """Who would get which accounts of a segment, shown before it is done."""
        dimension, version, segment = self._segment(request, pk, key)
        user = reader(request)
        if not user.may_edit(Account.AREA) or user.reach(Account.AREA) != "all":
            raise PermissionDenied
        error = ""
        if request.method == "POST":
            agreed = {int(one): int(other) for one, _, other in (pair.partition(":") for pair in _pairs(request))}
            try:
                count = owners.assign_owners(segment, agreed=agreed, by=user, at=now())
            except ValidationError as refused:
                error = " ".join(refused.messages)
            else:
                messages.success(request, f"{count} account{'' if count == 1 else 's'} changed hands.")
                address = reverse("admin:retention_dimension_segment", args=[pk, key])
                return HttpResponseRedirect(address)
        context = {
            "title": f"Owners of {segment.name}",
            "dimension": dimension,
            "segment": segment,
            "plan": owners.plan_owners(segment, at=now()),
            "error": error,
        }
        return self._page(request, "owners", context, status=400 if error else 200)

    def combine_view(self, request: HttpRequest) -> HttpResponse:
        """How the accounts spread over two or three dimensions together."""
        if reader(request).reach(Dimension.AREA) is None:
            raise PermissionDenied
        offered = list(self.get_queryset(request))
        asked = set(request.GET.getlist("by"))
        chosen = [one for one in offered if one.key in asked]
        found = combine(chosen, reader(request)) if len(chosen) > 1 else None
        context = {
            "title": "Combine dimensions",
            "offered": [(one, one in chosen) for one in offered],
            "chosen": chosen,
            "combination": found,
            "tables": _tables(found) if found and found.cells else [],
            "fewest": FEWEST_ACCOUNTS,
        }
        return self._page(request, "combine", context)

    def _dimension(self, request: HttpRequest, pk: Any) -> Dimension:
        dimension = self.get_object(request, str(pk))
        if dimension is None:
            raise Http404("There is no such dimension, or it is not yours to see.")
        return dimension

    def _segment(self, request: HttpRequest, pk: int, key: str) -> tuple[Dimension, DimensionVersion, Segment]:
        dimension = self._dimension(request, pk)
        version = queries.current_version(dimension)
        segment = next((one for one in version.segments.all() if one.key == key), None) if version else None
        if version is None or segment is None:
            raise Http404("There is no such segment; it may have been called otherwise in an earlier version.")
        return dimension, version, segment

    def _page(self, request: HttpRequest, name: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        frame = self.admin_site.each_context(request)
        may_edit = reader(request).may_edit(Dimension.AREA)
        return render(
            request, f"retention/dimension/{name}.html", {**frame, "may_edit": may_edit, **context}, status=status
        )


def _pairs(request: HttpRequest) -> list[str]:
    return [pair for pair in request.POST.getlist("pair") if pair.replace(":", "", 1).isdigit()]


def _matrix(segments: list[Segment], movement: queries.Movement) -> list[tuple[str, list[int]]]:
    """For each segment how many left it for each other one; empty where nobody moved."""
    if not movement.pairs:
        return []
    return [(one.name, [movement.pairs.get((one.key, other.key), 0) for other in segments]) for one in segments]


def _efforts(segments: list[Segment], found: Effort) -> list[dict[str, Any]]:
    """Planned and actual share of time of each segment, with the hours behind it."""
    return [
        {"segment": one, "planned": one.time_share, "actual": found.share(one.key), "hours": found.hours(one.key)}
        for one in segments
    ]


def _weeks(movement: queries.Movement, key: str, dimension: Dimension) -> list[dict[str, Any]]:
    """The bars of a chart: how many came and went each week, as shares of the largest, and which versions began."""
    began = list(dimension.versions.filter(published_at__date__gte=movement.weeks[0][0], number__gt=1))
    rows = [(day, came[key], went[key]) for day, came, went in movement.weeks]
    most = max((max(came, went) for _, came, went in rows), default=0) or 1
    return [
        {
            "day": day,
            "came": came,
            "went": went,
            "came_height": came * 100 // most,
            "went_height": went * 100 // most,
            "versions": [one.number for one in began if day <= one.published_at.date() < day + WEEK],
        }
        for day, came, went in rows
    ]


def _tables(found: Any) -> list[dict[str, Any]]:
    """A table of the first two dimensions for each segment of the third, or one table where there is none."""
    rows, columns, *further = found.segments
    return [
        {
            "segment": third,
            "columns": columns,
            "rows": [(row, [_cell(found, (row, column, third)) for column in columns]) for row in rows],
        }
        for third in (further[0] if further else [None])
    ]


def _cell(found: Any, segments: tuple[Segment | None, ...]) -> dict[str, Any]:
    keys = tuple(one.key for one in segments if one is not None)
    query = [("segment", f"{dimension.key}:{key}") for dimension, key in zip(found.dimensions, keys, strict=True)]
    return {"size": found.cells.get(keys, Size()), "query": urlencode(query)}
