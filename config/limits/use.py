"""How much of the limits is used that fill up over time. Each answer is one cheap query."""

from django.db.models import Count

from accounts.ingestion.models import EventName, Feature, Milestone
from accounts.ingestion.tally import OTHERS
from accounts.limits.registry import Use
from accounts.workspace.queries import workspace
from retention.evaluation.models import Watch


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
