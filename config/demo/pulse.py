"""The pulse of the demo: its accounts live on from where the book ends, through the door that real signals take.

What they do depends on nothing but the seed and the time. Told in pieces of at most a day, each in one transaction
with the note of how far it has come: an installation that was switched off catches up, and nothing is told twice.
"""

import datetime as dt

from accounts.foundation import audit, bell
from accounts.foundation.clock import now
from accounts.foundation.lanes import lane
from accounts.identity.models import ExternalId
from accounts.ingestion.models import Feature
from accounts.workspace.models import Source, Workspace
from accounts.workspace.services import note_demo_told
from config.demo import desk, hours, usage
from config.demo.desk import Office
from config.demo.entering import groups
from config.demo.hours import Site
from config.demo.ids import BILLING, CRM, DESK, PRODUCT, number_of
from config.demo.sending import Sender
from config.demo.stories import Story, story

SYSTEMS = (PRODUCT, CRM, DESK, BILLING)
STEP = dt.timedelta(days=1)
STEPS = 14
"""Pieces told in one go; whoever was away longer catches up with the next beats."""


def beat() -> int:
    """Called now and then: tells what happened since the last beat. Does nothing where there is no demo book."""
    return pulse(at=now())


def pulse(*, at: dt.datetime, steps: int = STEPS) -> int:
    """Tells on up to `at`, in at most so many pieces; returns how many were told."""
    told = 0
    with audit.through("job"):
        while told < steps and _step(at=at):
            told += 1
    return told


def _step(*, at: dt.datetime) -> bool:
    """Tells one piece; False where everything up to `at` is told."""
    with lane("demo pulse"):
        workspace = Workspace.objects.filter(demo_seed__isnull=False, demo_told_until__lt=at).first()
        if workspace is None or workspace.demo_told_until is None:
            return False
        since = workspace.demo_told_until
        until = min(at, since + STEP)
        _tell(workspace, since=since, until=until)
        note_demo_told(workspace, until=until)
    bell.ring()
    return True


def _tell(workspace: Workspace, *, since: dt.datetime, until: dt.datetime) -> None:
    seed, began = workspace.demo_seed or 0, workspace.demo_as_of or since
    sources = {source.key: source for source in Source.objects.filter(key__in=SYSTEMS)}
    if len(sources) < len(SYSTEMS):
        return
    accounts = _accounts(sources[CRM])
    stories = _stories(max(accounts, default=-1) + 1, seed=seed)
    _use(stories, sources[PRODUCT], seed=seed, began=began.date(), since=since, until=until)
    if (at := desk.opening(until)) > since:
        desk.work(Office(desk.customers(accounts, stories), sources, seed, began, at))


def _accounts(crm: Source) -> dict[int, int]:
    """Number of each account of the book → the id of its account, by what the CRM calls it."""
    rows = ExternalId.objects.filter(source=crm).values_list("value", "account")
    return {number: account for value, account in rows if (number := number_of(value)) is not None}


def _stories(count: int, *, seed: int) -> list[Story]:
    taken: set[str] = set()
    return [story(number, seed=seed, taken=taken) for number in range(count)]


def _use(
    stories: list[Story], source: Source, *, seed: int, began: dt.date, since: dt.datetime, until: dt.datetime
) -> None:
    """What the product says. It is folded by the pump, as everybody's signals are."""
    plan = dict(Feature.objects.order_by("pk").values_list("key", "events"))
    sender = Sender(source, at=until, folds=False)
    for number, one in enumerate(stories):
        if one.instrumented:
            site = Site(one, number, groups(one, number), usage.habits(one, plan), seed, began)
            sender.send(hours.told(site, since=since, until=until))
    sender.finish()
