"""Nothing that blocks a handoff is skipped, through whichever door somebody tries."""

import pytest
from django.test import Client

from accounts.foundation.clock import now
from accounts.stakeholders import services as stakeholders
from retention.handoffs import services
from retention.handoffs.models import Handoff
from tests.api.conftest import with_key  # noqa: F401
from tests.cast import import_starter
from tests.retention.handoffs.handing import completed

pytestmark = pytest.mark.django_db
FETCHED = {"X-Requested-With": "fetch"}
WORK = "/admin/retention/workitem"


@pytest.fixture
def hers(sal):
    client = Client()
    client.force_login(sal)
    return client


@pytest.fixture
def api(with_key):  # noqa: F811
    return with_key("write")


def by_its_page(handoff, hers, api) -> int:
    return hers.post(f"/admin/retention/handoff/{handoff.pk}/do/", {"verb": "submit"}).status_code


def by_the_page_of_its_work(handoff, hers, api) -> int:
    return hers.post(f"{WORK}/{handoff.work_id}/close/", {"outcome": "submitted"}).status_code


def by_one_line_of_my_work(handoff, hers, api) -> int:
    address = f"{WORK}/{handoff.work_id}/complete/"
    return hers.post(address, {"outcome": "submitted", "note": "x"}, headers=FETCHED).status_code


def by_many_at_once(handoff, hers, api) -> int:
    address = f"{WORK}/many/complete/?ids={handoff.work_id}"
    return hers.post(address, {"outcome": "submitted", "note": "x"}, headers=FETCHED).status_code


def by_submitting_over_the_api(handoff, hers, api) -> int:
    return api.post(f"handoffs/{handoff.pk}/submit/", {}).status_code


def by_accepting_over_the_api(handoff, hers, api) -> int:
    return api.post(f"handoffs/{handoff.pk}/accept/", {}).status_code


def by_closing_its_work_over_the_api(handoff, hers, api) -> int:
    return api.post(f"work-items/{handoff.work_id}/close/", {"outcome": "submitted", "note": "x"}).status_code


def by_importing_the_checklist_again(handoff, hers, api) -> int:
    item = handoff.version.items.filter(is_blocking=True).first()
    import_starter()
    assert handoff.version.items.get(pk=item.pk).is_blocking
    return by_its_page(handoff, hers, api)


DOORS = [one for name, one in list(globals().items()) if name.startswith("by_")]


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_what_blocks_is_refused_at_every_door(handoff, hers, api, door):
    status = door(handoff, hers, api)
    assert status in (400, 404, 409), status
    found = Handoff.objects.select_related("work").get(pk=handoff.pk)
    assert (found.state, found.work.is_open) == ("open", True)
    assert found.lacking == handoff.lacking > 0


def test_what_stopped_holding_since_it_was_submitted_is_not_accepted(handoff, sal, amelia):
    services.submit(completed(handoff, by=sal), by=sal, at=now())
    stakeholders.change(handoff.account.stakeholders.get(), left_at=now(), by=None, at=now())
    with pytest.raises(services.Blocked, match="Champion"):
        services.accept(handoff, by=amelia, at=now())
