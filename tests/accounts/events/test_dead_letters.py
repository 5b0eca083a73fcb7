"""What the machine gave up waits for a person, in the console and over the API."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.events.models import Reaction
from accounts.foundation.claims import Claimable
from accounts.foundation.models import AuditEntry
from accounts.outbox.models import Delivery
from accounts.team.models import User
from tests.factories.accounts import AT, AccountFactory, DeliveryBodyFactory, ReactionFactory

pytestmark = pytest.mark.django_db
PAGE = "/admin/dead-letters/?kind=reactions"
DECIDE = "/admin/dead-letters/decide/"


def given_up(**values: Any) -> Reaction:
    told = {"state": Claimable.State.DEAD, "tries": 8, "failed_at": AT, "error": "ConnectionError: nobody answers"}
    return ReactionFactory(**told | values)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def states() -> list[str]:
    return list(Reaction.objects.order_by("pk").values_list("state", flat=True))


def test_the_page_says_what_was_given_up_for_whom_and_why(olga: User) -> None:
    row = given_up(event__account=AccountFactory(name="Kestrel Freight"), event__kind="deal.won")
    ReactionFactory()
    text = signed_in(olga).get(PAGE).content.decode()
    for said in (
        "Kestrel Freight",
        "ConnectionError: nobody answers",
        f"{row.subscriber}, after “Deal won” of Kestrel Freight",
        "1 given up",
    ):
        assert said in text


def test_an_empty_page_says_what_would_stand_there(olga: User) -> None:
    assert "Nothing was given up" in signed_in(olga).get(PAGE).content.decode()


def test_what_is_ticked_is_tried_again_or_discarded(olga: User) -> None:
    rows = [given_up() for _ in range(3)]
    client = signed_in(olga)
    client.post(DECIDE, {"kind": "reactions", "verb": "retry", "ids": [rows[0].pk]})
    assert states() == ["due", "dead", "dead"]
    answer = client.post(DECIDE, {"kind": "reactions", "verb": "discard", "ids": [rows[1].pk]}, follow=True)
    assert states() == ["due", "discarded", "dead"]
    assert "1 reaction discarded." in answer.content.decode()
    assert set(AuditEntry.objects.filter(object_type="reaction").values_list("actor_id", "door")) == {
        (olga.pk, "console")
    }


def test_all_of_them_are_tried_again_with_one_button(olga: User) -> None:
    for _ in range(60):
        given_up()
    client = signed_in(olga)
    assert "Try all 60 again" in client.get(PAGE).content.decode()
    client.post(DECIDE, {"kind": "reactions", "verb": "retry", "all": "1"})
    assert set(states()) == {"due"}


@pytest.mark.parametrize(
    "body", [{}, {"verb": "retry"}, {"verb": "burn", "all": "1"}, {"verb": "retry", "ids": ["x", "9" * 40]}]
)
def test_a_request_that_means_nothing_changes_nothing(olga: User, body: dict[str, Any]) -> None:
    given_up()
    answer = signed_in(olga).post(DECIDE, {"kind": "no-such-kind", **body}, follow=True)
    assert "Nothing was changed" in answer.content.decode()
    assert states() == ["dead"]


def test_only_those_who_define_rules_may_look(carla: User) -> None:
    given_up()
    client = signed_in(carla)
    assert client.get(PAGE).status_code == 403
    assert client.post(DECIDE, {"kind": "reactions", "verb": "discard", "all": "1"}).status_code == 403
    assert states() == ["dead"]


def test_a_hundred_dead_letters_cost_the_queries_of_ten(olga: User) -> None:
    client, counts = signed_in(olga), []
    for count in (10, 40):
        for _ in range(count):
            given_up()
        client.get(PAGE)
        with CaptureQueriesContext(connection) as queries:
            client.get(PAGE)
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_over_the_api_they_are_counted_listed_and_decided(olga: User, carla: User) -> None:
    row = given_up(event__account=AccountFactory(key="kestrel"))

    def call(verb: str, path: str, user: User = olga) -> Any:
        return signed_in(user).generic(verb, f"/api/v1/dead-letters/{path}", content_type="application/json")

    piles = {pile["kind"]: pile["count"] for pile in json.loads(call("GET", "").content)["results"]}
    assert piles["reactions"] == 1
    [shown] = json.loads(call("GET", "reactions/").content)["results"]
    assert (shown["id"], shown["account"], shown["tries"]) == (row.pk, "kestrel", 8)
    assert call("POST", f"reactions/{row.pk}/retry/", carla).status_code == 403
    assert call("POST", f"reactions/{row.pk}/retry/").status_code == 204
    assert states() == ["due"]
    assert call("POST", f"reactions/{row.pk}/discard/").status_code == 404, "it is no dead letter any more"
    assert call("GET", "no-such-kind/").status_code == 404


def message(outcome: str) -> Delivery:
    return DeliveryBodyFactory(
        delivery__state="dead", delivery__outcome=outcome, delivery__failed_at=AT, delivery__channel="email"
    ).delivery


def test_what_may_have_arrived_is_not_sent_again_with_the_rest(olga: User) -> None:
    unknown, failed = message("unknown"), message("failed")
    client, page = signed_in(olga), "/admin/dead-letters/?kind=deliveries"
    text = client.get(page).content.decode()
    assert "1 of these may be done already" in text
    assert "Trying them again may do it twice" in text
    for asked in ({"all": "1"}, {"ids": [unknown.pk, failed.pk]}, {"ids": [unknown.pk]}):
        client.post(DECIDE, {"kind": "deliveries", "verb": "retry", **asked})
    assert Delivery.objects.get(pk=unknown.pk).state == "dead"
    assert Delivery.objects.get(pk=failed.pk).state == "due"
    client.post(DECIDE, {"kind": "deliveries", "again": unknown.pk})
    assert Delivery.objects.get(pk=unknown.pk).state == "due"
    assert AuditEntry.objects.filter(verb="delivery.retry", object_id=str(unknown.pk), actor_id=olga.pk).exists()


def test_what_may_have_arrived_can_be_discarded_with_the_rest(olga: User) -> None:
    rows = [message("unknown"), message("failed")]
    signed_in(olga).post(DECIDE, {"kind": "deliveries", "verb": "discard", "ids": [row.pk for row in rows]})
    assert set(Delivery.objects.values_list("state", flat=True)) == {"discarded"}


def test_over_the_api_what_may_have_arrived_needs_a_word_more(olga: User) -> None:
    row, client = message("unknown"), signed_in(olga)
    path = f"/api/v1/dead-letters/deliveries/{row.pk}/retry/"
    [shown] = client.get("/api/v1/dead-letters/deliveries/").json()["results"]
    assert shown["may_repeat"] is True
    refused = client.post(path, content_type="application/json")
    assert (refused.status_code, Delivery.objects.get().state) == (409, "dead")
    assert "may_repeat: true" in refused.json()["detail"]
    assert client.post(path, {"may_repeat": True}, content_type="application/json").status_code == 204
    assert Delivery.objects.get().state == "due"
