"""What becomes of somebody's open work when they leave."""

from accounts.foundation.scope import Area
from accounts.team.leaving import Belonging, belongings
from retention.work import services
from retention.work.models import WorkItem

belongings.add(
    "work",
    Belonging(
        "open work items",
        lambda user, at: WorkItem.objects.filter(assignee=user, state=WorkItem.State.OPEN).order_by("pk"),
        lambda item, heir, by, at: services.reassign(item, to=heir, by=by, at=at),
        area=Area.WORK,
        nobody="Nobody: it is for whoever takes it",
    ),
)
