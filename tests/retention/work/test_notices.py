"""Who is handed work hears of it; a message of which nobody knows whether it arrived becomes work."""

import pytest

from accounts.events import services as events
from accounts.foundation.clock import now
from accounts.outbox.models import Delivery
from accounts.portfolio.events import happened
from retention.work import services as work
from retention.work.models import WorkItem
from tests.factories.accounts import AT, AccountFactory, AccountMemberFactory, DeliveryFactory, UserFactory

pytestmark = pytest.mark.django_db


def opened(*, to, by):
    return work.open_item(AccountFactory(), title="Call them", due_at=AT, assignee=to, by=by, at=AT)


def test_work_from_the_machine_or_from_a_colleague_is_told():
    amelia, bruno = UserFactory(), UserFactory()
    opened(to=amelia, by=None)
    item = opened(to=bruno, by=amelia)
    work.reassign(item, to=amelia, by=bruno, at=AT)
    told = list(Delivery.objects.order_by("pk").values_list("user", "channel", "body__subject", "body__link"))
    assert [(user, subject) for user, _, subject, _ in told] == [
        (amelia.pk, "New work: Call them"),
        (bruno.pk, "New work: Call them"),
        (amelia.pk, "Work handed to you: Call them"),
    ]
    assert {channel for _, channel, _, _ in told} == {"in_app"}
    assert told[1][3] == f"/admin/retention/workitem/{item.pk}/change/"


def test_what_one_gives_oneself_or_nobody_is_not_told():
    amelia = UserFactory()
    opened(to=amelia, by=amelia)
    opened(to=None, by=None)
    assert not Delivery.objects.exists()


def test_a_message_that_may_not_have_arrived_is_work_for_the_csm():
    csm, account = UserFactory(), AccountFactory()
    AccountMemberFactory(account=account, user=csm)
    row = DeliveryFactory(account=account)
    happened("delivery.unknown", account, by=None, at=AT, subject=row, channel="email")
    events.react(at=now())
    item = WorkItem.objects.get()
    assert (item.title, item.assignee) == ("Find out whether a message arrived", csm)
    assert f"/admin/accounts/delivery/{row.pk}/change/" in item.guidance
