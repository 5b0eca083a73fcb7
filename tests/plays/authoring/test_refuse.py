"""What cannot be published is said beside its field, what was typed stays, and nothing is written."""

import json

import pytest

from accounts.foundation.clock import now
from plays.definitions import services as definitions
from plays.definitions.models import Play, PlayVersion
from tests.factories.accounts import AccountFactory, AccountFactsFactory
from tests.factories.retention import CONDITION
from tests.plays.authoring.sent import CALL, NEW, TELL, address, as_shown, new, signed_in
from tests.plays.drafts import draft

pytestmark = pytest.mark.django_db
RARELY = json.dumps(CONDITION)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (new(CALL), "Put at least one comparison in it."),
        (new(CALL, when_condition='{"fact": "nonsense", "operator": "equal", "value": 1}'), "nonsense"),
        (new(CALL | {"due": "soon"}, when_condition=RARELY), "Enter a whole number."),
        (new(CALL | {"title": " "}, when_condition=RARELY), "This field is required."),
        (new(CALL | {"sooner_due": "4"}, when_condition=RARELY), "Give both the condition and the time, or neither."),
        (new(TELL | {"to": ""}, when_condition=RARELY), "one of the two"),
        (new(TELL | {"by": []}, when_condition=RARELY), "This field is required."),
        (new(CALL, when_condition=RARELY, play_name=""), "This field is required."),
        (new(CALL, when_condition=RARELY, play_name="Usage low"), "There is a play with such a name."),
        (new(CALL, starts_on="signal", when_feature=""), "Name a tracked event, or choose a feature"),
        (new(CALL | {"kind": "nonsense"}, when_condition=RARELY), "Expected one of"),
    ],
)
@pytest.mark.parametrize("do", ["preview", "publish"])
def test_says_beside_the_field_what_is_wrong(olga, sent, said, do):
    definitions.publish(draft(), by=None, at=now())
    count = PlayVersion.objects.count()
    answer = signed_in(olga).post(NEW, sent | {"do": do})
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert PlayVersion.objects.count() == count


@pytest.mark.parametrize(
    "junk", [{"steps": "many"}, {"kind": "nonsense"}, {"do": "up-x"}, {"do": "fly"}, {"steps": "9"}]
)
def test_what_no_page_sends_breaks_nothing(olga, junk):
    answer = signed_in(olga).post(NEW, new(CALL, when_condition=RARELY) | {"do": "preview"} | junk)
    assert answer.status_code in (200, 400)
    assert not Play.objects.filter(name="Quiet account").exists()


def test_only_who_may_change_plays_writes_them(amelia, olga):
    version = definitions.publish(draft(), by=None, at=now())
    for user, status in ((amelia, 404), (olga, 200)):
        for where in (NEW, address(version)):
            assert signed_in(user).get(where).status_code == status
    assert "New play" in signed_in(olga).get("/admin/plays/play/").content.decode()
    assert "New play" not in signed_in(amelia).get("/admin/plays/play/").content.decode()


def test_a_plan_costs_the_same_for_many_accounts(olga, django_assert_max_num_queries):
    version = definitions.publish(draft(), by=None, at=now())
    client, sent = signed_in(olga), as_shown(version) | {"do": "preview"}
    client.post(address(version), sent)  # the first request of a process also fills its caches
    counts = []
    for _ in range(2):
        for _ in range(5):
            AccountFactsFactory(account=AccountFactory(), active_users_30d=1)
        with django_assert_max_num_queries(30) as found:
            client.post(address(version), sent)
        counts.append(len(found))
    assert counts[0] == counts[1]
