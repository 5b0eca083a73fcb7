"""The book of the benchmarks with what the starter playbook asks about, and the playbook in force."""

import datetime as dt
import random
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, Value, When
from django.db.models.functions import Mod

from accounts.facts.models import AccountFacts
from accounts.team import services as team
from accounts.team.models import Role, User
from plays.definitions.models import Play
from plays.definitions.services import activate
from plays.playbook.services import import_folder
from retention.evaluation import baseline
from retention.segments.models import AccountSegment, Dimension
from tests.benchmarks import book
from tests.benchmarks.harness import FIGURES, agree, say
from tests.benchmarks.subjects.evaluation.watched import Watched
from tests.cast import STARTER

DAY = dt.timedelta(days=1)


@dataclass
class Installed(Watched):
    """A book in which every account stands in its segments and stages, and an operator who edits them."""

    operator: User | None = None

    @property
    def always_turns(self) -> bool:
        """A few accounts may change without crossing a threshold of the playbook."""
        return self.size >= FIGURES


def prepare(size: int) -> Installed:
    """Fills the database, puts the playbook into force, and lets every account be placed."""
    book.fill(size)
    _complete()
    import_folder(STARTER, by=None, at=book.AT)
    for play in Play.objects.all():
        activate(play, by=None, at=book.AT)
    say("first look of the starter playbook")
    while baseline.advance(at=book.AT):
        pass
    book.analyze()
    agree("places in segments", AccountSegment.objects.count(), size * Dimension.objects.count())
    operator = Role.objects.get(key="operator")
    person: dict[str, Any] = {
        "username": "olga",
        "email": "olga@anchor.example",
        "first_name": "Olga",
        "last_name": "Operator",
    }
    return Installed(
        size, [], random.Random(size), team.add_user(**person, role=operator, team=None, by=None, at=book.AT)
    )


def _complete() -> None:
    """Facts that the dimensions and stages ask and the common book leaves unknown, spread over their thresholds."""
    number = F("account_id")
    rows = AccountFacts.objects.all()
    rows.update(
        employees=Mod(number, 1200),
        product_linked=Case(When(last_active_at=None, then=Value(False)), default=Value(True)),
        has_paid_contract=Case(When(arr_minor=None, then=Value(False)), default=Value(True)),
        lifetime_value_minor=F("arr_minor") * 2,
        icp_fit=Mod(number, 101),
        account_state=Value("active"),
        roles_active_30d=Mod(number, 4),
        seats_active_share=F("active_users_30d") / 60.0,
        first_value_status=Case(When(features_used_30d__gte=2, then=Value("reached")), default=Value("pending")),
        kickoff_held_at=F("closed_won_at"),
        decision_date=F("contract_end_date"),
        stage=None,
    )
    rows.filter(closed_won_at__isnull=False).update(first_contract_on=book.TODAY - 200 * DAY)
