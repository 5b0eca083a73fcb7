"""What this room tells others: its kinds of events, its kind of work, what becomes of whoever leaves."""

from collections.abc import Callable, Mapping

from accounts.foundation.scope import Area
from accounts.portfolio.events import EventKind, Group, kinds
from accounts.portfolio.models import AccountEvent
from accounts.team.leaving import Belonging, belongings
from retention.success_plans import objectives, reviews, tasks
from retention.success_plans.models import PlanObjective, PlanTask, SuccessPlan
from retention.success_plans.tasks import KIND
from retention.work.registry import WorkKind, work_kinds

People = Mapping[int, str]


def _says(text: str, name: str) -> Callable[[AccountEvent, People], str]:
    return lambda event, people: text.format(event.data.get(name, ""))


_TOLD = {
    "plan.started": ("Success plan started: {}", "name", "flag", True),
    "plan.drafted": ("Success plan drafted: {}", "name", "edit_note", True),
    "plan.reviewed": ("Success plan reviewed: {}", "name", "event_available", True),
    "plan.held": ("Success plan on hold: {}", "name", "pause", True),
    "plan.resumed": ("Success plan goes on: {}", "name", "play_arrow", True),
    "plan.completed": ("Success plan completed: {}", "name", "done_all", True),
    "plan.objective_added": ("Objective added: {}", "goal", "add_task", True),
    "plan.objective_changed": ("Objective changed: {}", "goal", "edit", True),
    "plan.objective_closed": ("Objective reached: {}", "goal", "emoji_events", True),
    "plan.objective_reopened": ("Objective opened again: {}", "goal", "undo", True),
    "plan.objective_dropped": ("Objective dropped: {}", "goal", "block", True),
    "plan.goal_missed": ("Goal of use fell short: {}", "goal", "trending_down", False),
    "plan.goal_reached": ("Goal of use reached: {}", "goal", "trending_up", True),
    "plan.task_reopened": ("Task of the plan opened again: {}", "title", "undo", True),
    "plan.win_added": ("Win: {}", "title", "emoji_events", False),
    "plan.win_changed": ("Win changed: {}", "title", "edit", False),
    "plan.shared": ("Success plan shared: {}", "name", "link", False),
    "plan.link_revoked": ("Link to the success plan revoked: {}", "name", "link_off", False),
    "plan.seen": ("The customer opened the success plan: {}", "name", "visibility", False),
}
for _kind, (_text, _name, _icon, _changes) in _TOLD.items():
    kinds.add(_kind, EventKind(_says(_text, _name), _icon, changes_facts=_changes, group=Group.LIFECYCLE))


def _finished(event: AccountEvent, people: People) -> str:
    title = event.data["title"]
    if event.data["state"] == "skipped":
        return f"Task of the plan not needed: {title}"
    return f"{title}: done by the customer" if event.data.get("stakeholder") else f"Task of the plan done: {title}"


kinds.add("plan.task_finished", EventKind(_finished, "task_alt", changes_facts=True, group=Group.LIFECYCLE))

work_kinds.add(
    KIND,
    WorkKind(
        label="Task of a success plan",
        done={"done": "Done"},
        dismissed={"not_needed": "Not needed"},
        together="New work in a success plan",
    ),
)
work_kinds.add(
    reviews.KIND,
    WorkKind(
        label="Review of a success plan",
        done={reviews.HELD: "Held"},
        dismissed={reviews.NOT_NEEDED: "Not needed this time"},
    ),
)

belongings.add(
    "objectives",
    Belonging(
        "open objectives of success plans",
        lambda user, at: PlanObjective.objects.filter(
            our_owner=user, state=PlanObjective.State.OPEN, plan__state=SuccessPlan.State.OPEN
        ).order_by("pk"),
        lambda row, heir, by, at: objectives.change(row, version=None, our_owner=heir, by=by, at=at),
        area=Area.ACCOUNTS,
        nobody="Nobody: the objective has no owner until somebody is chosen",
    ),
)
belongings.add(
    "plan_tasks",
    Belonging(
        "open tasks of success plans",
        lambda user, at: PlanTask.objects.filter(
            our_owner=user, state=PlanTask.State.OPEN, plan__state=SuccessPlan.State.OPEN
        ).order_by("pk"),
        lambda row, heir, by, at: tasks.change(row, version=None, our_owner=heir, by=by, at=at),
        area=Area.WORK,
        nobody="Nobody: the task and its work are for whoever takes them",
    ),
)
