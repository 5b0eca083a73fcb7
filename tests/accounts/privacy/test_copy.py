"""A copy is made while it is sent, however much there is; and it is for those alone who see every account."""

import json

import pytest

from accounts.foundation.clock import now
from accounts.privacy import copying
from accounts.privacy import services as privacy
from accounts.privacy.finding import who
from accounts.team.models import Grant, Role
from tests.api.conftest import Api, problems
from tests.cast import person
from tests.factories.accounts import StakeholderFactory

EMAIL = "ada@northwind.example"


@pytest.fixture
def ines(starter):
    return person("ines", role="administrator", group=None)


def made(by):
    return privacy.copy_of(who({"q": EMAIL}, asking=by), by=by, at=now())[1]


def test_the_file_is_whole_and_the_same_as_the_answer_of_the_api(client, ines, monkeypatch):
    monkeypatch.setattr(copying, "CHUNK", 2)
    for number in range(5):
        StakeholderFactory(email=EMAIL, name=f"Ada “{number}” \\ Löwe")
    client.force_login(ines)
    answer = client.post("/admin/accounts/personrequest/person/copy/", {"q": EMAIL})
    assert answer.streaming
    told = json.loads(b"".join(answer.streaming_content))
    assert len(told["records"]["stakeholders"]) == 5
    other = made(ines).plain()
    assert told | {"made_at": 0} == other | {"made_at": 0}


def test_rows_are_read_as_they_are_sent(ines):
    StakeholderFactory.create_batch(3, email=EMAIL)
    text = made(ines).text()
    assert next(text).startswith('{"made_at"')
    assert sum(1 for _ in text) > 3


@pytest.mark.parametrize(("reach", "code"), [("own", 403), ("team", 403), ("all", 200), (None, 403)])
def test_who_may_edit_settings_but_does_not_see_every_account_gets_no_personal_data(client, starter, east, reach, code):
    StakeholderFactory(email=EMAIL)
    role = Role.objects.create(key="it", name="IT")
    Grant.objects.create(role=role, area="settings", reach="all", access="edit")
    if reach:
        Grant.objects.create(role=role, area="accounts", reach=reach, access="edit")
    user = person("ida", role="it", group=east)
    client.force_login(user)
    pages = ("person/", "person/?q=" + EMAIL)
    assert {client.get(f"/admin/accounts/personrequest/{page}").status_code for page in pages} == {code}
    for page in ("copy", "erase"):
        answer = client.post(f"/admin/accounts/personrequest/person/{page}/", {"q": EMAIL, "sure": "no"})
        assert (answer.status_code == 403) == (code == 403)
    if code == 403:
        for kind in ("copy", "erasure"):
            problems(Api(user=user).post("person-requests/", {"kind": kind, "person": EMAIL}), 403)
