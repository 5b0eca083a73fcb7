"""Administrators are told when most of a limit is used, once each time."""

from django.urls import reverse

from accounts.foundation.clock import now
from accounts.foundation.scope import Access, Area
from accounts.limits import services
from accounts.limits.services import Seen
from accounts.outbox import services as outbox
from accounts.outbox.registry import Purpose, purposes
from accounts.team.models import User

purposes.add("limit", Purpose("A limit is near"))


def look() -> int:
    """Looks at the limits whose use is counted; returns of how many it told for the first time."""
    at = now()
    seen = services.look(at=at)
    people = _administrators() if seen else []
    outbox.book([_message(one, user) for one in seen for user in people], at=at)
    return len(seen)


def _administrators() -> list[User]:
    """Who may change the settings of the installation and signs in."""
    here = User.objects.filter(is_active=True, is_staff=True)
    granted = here.filter(role__grants__area=Area.SETTINGS, role__grants__access=Access.EDIT)
    return list((granted | here.filter(is_superuser=True)).distinct())


def _message(seen: Seen, user: User) -> outbox.Message:
    line = seen.line
    whose = f" ({line.use.of})" if line.use and line.use.of else ""
    return outbox.Message(
        purpose="limit",
        key=f"limit:{seen.crossing.pk}",
        channel="in_app",
        subject=f"{line.percent} % of a limit is used: {line.limit.label}{whose}",
        text=f"{line.used_words} of {line.words}. Beyond, {line.limit.beyond}.",
        link=reverse("limits"),
        user=user,
    )
