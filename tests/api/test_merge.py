"""Merging two accounts over the API."""

from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from tests.api.conftest import problems
from tests.factories.accounts import AT


def test_a_merge_that_would_make_the_tree_too_deep_is_refused(api, northwind):
    twin = below = portfolio.create(name="Northwind Trading", by=None, at=AT)
    for level in range(4):
        below = portfolio.create(name=f"Below {level}", parent=below, by=None, at=AT)
    above = portfolio.create(name="Above", by=None, at=AT)
    portfolio.change(northwind, by=None, at=AT, parent=above)
    answer = api.post(f"accounts/{twin.key}/merge/", {"into": northwind.key})
    problems(answer, 409)
    assert "deep" in answer.json()["detail"]
    assert Account.objects.get(pk=twin.pk).merged_into is None


def test_a_dry_run_tells_the_plan_and_changes_nothing_and_then_both_keys_lead_to_one(api, northwind):
    twin = portfolio.create(name="Northwind Trading", goals="Fewer lists", by=None, at=AT)
    address, body = f"accounts/{twin.key}/merge/", {"into": northwind.key}
    plan = api.post(address, body | {"dry_run": True}).json()
    assert (plan["account"], plan["into"], plan["obstacles"]) == (twin.key, northwind.key, [])
    assert Account.objects.get(pk=twin.pk).merged_into is None
    assert api.post(address, body).json() == plan
    assert api.one(f"accounts/{twin.key}/")["key"] == northwind.key
