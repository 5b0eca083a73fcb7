"""How much of the limits is used that fill up over time. Each answer is one cheap query."""

from typing import Any

from django.db.models import Count, OuterRef, Subquery

from accounts.ingestion.models import EventName, Feature, Milestone
from accounts.ingestion.tally import OTHERS
from accounts.limits.registry import Use
from accounts.workspace.queries import workspace
from retention.evaluation.models import Watch
from retention.health.models import HealthCap, HealthMeasure
from retention.lifecycle.models import Stage
from retention.segments.models import Segment
from retention.slas.models import ClosedDay


def event_names() -> Use:
    """Names that the source sends which sends most of them."""
    rows = EventName.objects.exclude(name=OTHERS).order_by().values("source__name").annotate(names=Count("pk"))
    most = rows.order_by("-names").first()
    return Use(most["names"], most["source__name"]) if most else Use(0)


def mapped_names() -> Use:
    """Event names of the entry of the tracking plan that has most of them."""
    found = [
        (len(events), name)
        for model in (Feature, Milestone)
        for name, events in model.objects.values_list("name", "events")
    ]
    return Use(*max(found)) if found else Use(0)


def followed_rules() -> Use:
    """Rules and held comparisons that are followed, those included that are being prepared or given back."""
    return Use(Watch.objects.filter(slot__isnull=False).count())


def allowed() -> Use:
    """Entries of the allow-list."""
    return Use(len(workspace().outbound_allowed))


def segments() -> Use:
    """Segments of the dimension that has most of them."""
    return _parts_of_most(Segment, "dimension")


def health_measures() -> Use:
    """Measures of the health model that has most of them."""
    return _parts_of_most(HealthMeasure, "model")


def health_caps() -> Use:
    """Caps of the health model that has most of them."""
    return _parts_of_most(HealthCap, "model")


def stages() -> Use:
    """Stages of the lifecycle that has most of them."""
    return _parts_of_most(Stage, "lifecycle")


def closed_days() -> Use:
    """Closed days of the business calendar that has most of them."""
    rows = ClosedDay.objects.order_by().values("calendar__name").annotate(days=Count("pk")).order_by("-days")
    most = rows.first()
    return Use(most["days"], most["calendar__name"]) if most else Use(0)


def _parts_of_most(part: Any, whole: str) -> Use:
    """Parts of the newest version of whichever `whole` has most of them."""
    versions = part._meta.get_field("version").related_model._base_manager.filter(
        **{whole: OuterRef(f"version__{whole}")}
    )
    newest = part.objects.filter(version=Subquery(versions.order_by("-number").values("pk")[:1]))
    name = f"version__{whole}__name"
    most = newest.order_by().values(name, "version").annotate(parts=Count("pk")).order_by("-parts").first()
    return Use(most["parts"], most[name]) if most else Use(0)
