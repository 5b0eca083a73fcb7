"""Both sides of a handoff see it and its customer, whether or not they are on the account's team."""

import pytest
from django.test import Client

from accounts.foundation.clock import now
from accounts.portfolio.models import Account
from accounts.portfolio.queries import holder
from retention.handoffs import services
from retention.handoffs.models import Handoff
from tests.cast import person
from tests.retention.handoffs.handing import completed, of, won

pytestmark = pytest.mark.django_db


@pytest.fixture
def dora(starter):
    """Another account executive, who sold this customer but is not on the account's team."""
    return person("dora", role="ae", group=None)


def sees(user, handoff) -> tuple[bool, bool]:
    return (
        Handoff.objects.for_user(user).filter(pk=handoff.pk).exists(),
        Account.objects.for_user(user).filter(pk=handoff.account_id).exists(),
    )


def test_whoever_sold_a_customer_without_an_ae_becomes_its_ae(account, dora, sal):
    account.members.filter(part="ae").delete()
    handoff = of(won(account, dora, state="committed"))
    assert handoff.giver == dora
    assert holder(account, "ae") == dora


def test_who_is_the_ae_already_stays_it(account, dora, sal):
    assert of(won(account, dora)).giver == dora
    assert holder(account, "ae") == sal


def test_whoever_hands_over_sees_draft_and_customer_until_it_is_accepted(account, dora, amelia):
    handoff = of(won(account, dora, state="committed"))
    assert sees(dora, handoff) == (True, True)
    handoff = of(won(account, dora, name="Another contract"))
    services.submit(completed(handoff, by=dora), by=dora, at=now())
    assert sees(dora, handoff) == (True, True)
    services.cancel(of(account.deals.get(name="First contract")), reason="twice", by=None, at=now())
    services.accept(handoff, by=amelia, at=now())
    assert sees(dora, handoff) == (True, False)


def test_the_giver_stays_on_the_page_after_submitting_it(account, dora):
    handoff = of(won(account, dora))
    completed(handoff, by=dora)
    client = Client()
    client.force_login(dora)
    answer = client.post(f"/admin/retention/handoff/{handoff.pk}/do/", {"verb": "submit"}, follow=True)
    assert answer.status_code == 200
    assert "You hear of it when they have looked" in answer.content.decode()


def test_whoever_is_to_receive_it_sees_the_customer_at_once(account, sal, carla):
    handoff = of(won(account, sal))
    assert sees(carla, handoff) == (False, False)
    services.hand_to(handoff, receiver=carla, by=None, at=now())
    assert sees(carla, handoff) == (True, True)
    services.cancel(handoff, reason="the deal is lost", by=None, at=now())
    assert sees(carla, handoff) == (False, False)
