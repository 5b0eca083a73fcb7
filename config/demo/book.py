"""Makes the book: the workspace, our people, then account after account; what follows is left to the pump."""

import datetime as dt
from collections.abc import Callable

from django.db import transaction

from accounts.foundation import audit
from accounts.foundation.clock import now
from accounts.ingestion.models import Feature
from accounts.portfolio.models import Account
from accounts.team import keys
from accounts.team.models import Role
from accounts.workspace import services as workspace
from accounts.workspace.models import Source
from config import pipeline
from config.demo import commerce, handing, outside, presence, reaching, risking, staff
from config.demo.browsing import strangers
from config.demo.dice import dice
from config.demo.entering import Entry, enter, firsts, instrument
from config.demo.ids import CRM, PRODUCT
from config.demo.sending import Sender
from config.demo.stories import TOLD, story
from plays.definitions.models import Play
from plays.definitions.services import activate
from retention.evaluation.services import take_as_long_true

SMALLEST, LARGEST = len(TOLD), 5_000
PLAY = "usage_drop"
SETTLED = dt.timedelta(days=60)
"""So long after the first contract, an account has told what it tells once."""


class NoPlaybook(RuntimeError):
    """The roles and the play that the book needs have not been imported."""


def make(*, accounts: int, seed: int, as_of: dt.date, say: Callable[[str], None]) -> None:
    """Founds the workspace and fills it, all or nothing; then lets the pump draw its conclusions."""
    moment = dt.datetime.combine(as_of, dt.time(), dt.UTC)
    with audit.through("command"), transaction.atomic():
        office, source = _open(seed, moment=moment)
        _fill(accounts, seed=seed, office=office, source=source, moment=moment, say=say)
    pipeline.run()
    take_as_long_true(at=now())  # the company has been at it for years, and says so only now
    with audit.through("command"), transaction.atomic():
        _sell_and_reach(office, moment=moment)
    pipeline.run()


def _sell_and_reach(office: staff.Office, *, moment: dt.datetime) -> None:
    """What people did with customers whose facts are known by now: deals won, handed over, plans, risks."""
    desk = handing.Desk(office, Source.objects.get(key=CRM), moment, now())
    for told in (handing, reaching, outside, risking):
        told.tell(desk)


def _open(seed: int, *, moment: dt.datetime) -> tuple[staff.Office, Source]:
    """The workspace on the day when the company began to use it: our people, the product, the play."""
    play = _play()
    at = moment - dt.timedelta(days=presence.DAYS + 1)
    workspace.found(
        company=staff.COMPANY,
        time_zone=staff.TIME_ZONE,
        base_currency=staff.CURRENCY,
        demo_seed=seed,
        demo_as_of=moment,
        demo_told_until=moment,
        by=None,
        at=at,
    )
    office = staff.hire(at=at)
    source = workspace.connect_source(key=PRODUCT, name="Product", by=office.operator, at=at)
    keys.issue(name="Product", scope="ingest", source=source, by=office.operator, at=at)
    activate(play, by=office.operator, at=moment)
    return office, source


def _play() -> Play:
    play = Play.objects.filter(key=PLAY).first()
    missing = {one.role for one in staff.COLLEAGUES} - set(Role.objects.values_list("key", flat=True))
    if play is None or missing:
        raise NoPlaybook("Import the starter playbook first: manage.py playbook import plays/playbook/starter")
    return play


def _fill(
    accounts: int,
    *,
    seed: int,
    office: staff.Office,
    source: Source,
    moment: dt.datetime,
    say: Callable[[str], None],
) -> None:
    plan = dict(Feature.objects.order_by("pk").values_list("key", "events"))
    sender, taken, told = Sender(source, at=moment), set[str](), dict[str, Account]()
    systems = commerce.connect(office, moment=moment, at=moment - dt.timedelta(days=presence.DAYS + 1))
    for number in range(accounts):
        told_of = story(number, seed=seed, taken=taken)
        entry = Entry(told_of, number, seed, dice(seed, "account", number), office, moment)
        account = enter(entry, parent=told.get(entry.story.parent))
        signals = instrument(entry, account, source=source, plan=plan)
        sender.send_then(firsts(entry), at=min(entry.won_at + SETTLED, moment))
        sender.send(signals)
        systems.tell(entry, account)
        if number < len(TOLD):
            told[account.name] = account
        if (number + 1) % 100 == 0:
            say(f"{number + 1} of {accounts} accounts")
    sender.send(strangers(moment, rng=dice(seed, "strangers")))
    sender.finish()
    systems.finish()
