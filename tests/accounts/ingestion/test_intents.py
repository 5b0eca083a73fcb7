"""Intent: which pages an account's people look at, and which of them in one session."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.events.models import DirtyAccount
from accounts.foundation.clock import now
from accounts.ingestion import jobs, mapping, queries
from accounts.ingestion.models import AccountIntents, IntentActivity, PageSession
from accounts.portfolio.models import Account
from tests.accounts.ingestion.calls import group, page
from tests.factories.accounts import AccountFactory, AccountIntentsFactory, IntentActivityFactory, PageIntentFactory

Deliver = Any
NOON = now().replace(hour=12, minute=0, second=0, microsecond=0) - dt.timedelta(days=2)
MINUTE = dt.timedelta(minutes=1)


def seen(path: str, minutes: float, user: str = "ada") -> dict[str, Any]:
    return page(user, path, timestamp=(NOON + minutes * MINUTE).isoformat())


def intents_of(account: Account) -> queries.Intents:
    return queries.intents_of([account.pk], at=now()).get(account.pk, queries.Intents())


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/pricing", True),
        ("/pricing/", True),
        ("/Pricing/teams", True),
        ("/pricing-2026", True),
        ("/en/pricing", False),
        ("/about", False),
        ("/", False),
        ("/vs/other", True),
        ("/vs", False),
        ("/a.c", True),
        ("/abc", False),
    ],
)
def test_a_path_fits_where_its_pattern_says(path: str, found: bool) -> None:
    pattern = mapping.matching(["/pricing*", "/vs/*", "/a.c"])
    plan = mapping.Mapping({}, {}, [mapping.Intent(1, "any", "Any", pattern)])
    assert bool(plan.intents_of(path)) == found


def test_pages_show_intents_with_their_last_visit(northwind: Account, deliver: Deliver) -> None:
    deliver(group(), seen("/pricing", 0), seen("/docs/integrations/crm", 5), seen("/about", 50), seen("/pricing", -500))
    found = intents_of(northwind)
    assert found == queries.Intents(pricing_at=NOON, integrations_at=NOON + 5 * MINUTE)
    pricing = IntentActivity.objects.get(intent__key="pricing")
    assert (pricing.first_at, pricing.last_at) == (NOON - 500 * MINUTE, NOON)


def test_a_screen_has_no_path_and_shows_nothing(northwind: Account, deliver: Deliver) -> None:
    deliver(group(), {"type": "screen", "userId": "ada", "name": "Pricing"})
    assert intents_of(northwind) == queries.Intents()


@pytest.mark.parametrize(
    ("pages", "at"),
    [
        ([("/pricing", 0), ("/security", 30)], 30),
        ([("/security", 0), ("/pricing", 30)], 30),
        ([("/pricing", 0), ("/security", 31)], None),
        ([("/pricing", 0), ("/about", 25), ("/security", 50)], 50),
        ([("/pricing", 0), ("/security", 50), ("/about", 25)], 50),
        ([("/pricing", 0), ("/pricing", 20)], None),
        ([("/pricing", 0), ("/trust", 10), ("/pricing", 90), ("/security", 95)], 95),
    ],
)
@pytest.mark.parametrize("together", [True, False])
def test_pricing_and_security_in_one_session_are_noticed(
    northwind: Account, deliver: Deliver, pages: list[Any], at: int | None, together: bool
) -> None:
    items = [seen(path, minutes) for path, minutes in pages]
    for part in [items] if together else [[item] for item in items]:
        deliver(group(), *part)
    expected = NOON + at * MINUTE if at else None
    assert intents_of(northwind).pricing_and_security_session_at == expected


def test_pages_of_two_people_are_no_session(northwind: Account, deliver: Deliver) -> None:
    deliver(group(), group("bob"), seen("/pricing", 0), seen("/security", 5, "bob"))
    assert intents_of(northwind).pricing_and_security_session_at is None
    assert PageSession.objects.count() == 2


def test_what_a_session_told_outlives_it(northwind: Account, deliver: Deliver) -> None:
    deliver(group(), seen("/pricing", 0), seen("/security", 5))
    PageSession.objects.update(ended_at=now() - dt.timedelta(days=91))
    assert jobs.forget() == 1
    assert AccountIntents.objects.get().pricing_and_security_at == NOON + 5 * MINUTE


def test_an_account_that_shows_an_intent_is_looked_at_again(northwind: Account, deliver: Deliver) -> None:
    deliver(group(), seen("/about", 0))
    DirtyAccount.objects.all().delete()
    deliver(seen("/about", 1))
    assert not DirtyAccount.objects.exists()
    deliver(seen("/pricing", 2))
    assert DirtyAccount.objects.get().account == northwind


def test_what_was_not_known_then_is_not_told(northwind: Account, deliver: Deliver) -> None:
    deliver(group(), seen("/pricing", 0))
    assert queries.intents_of([northwind.pk], at=NOON - MINUTE) == {}


@pytest.mark.django_db
def test_costs_the_same_for_many_accounts_as_for_one() -> None:
    intents = [PageIntentFactory(key=key) for key in queries.KEYS]
    accounts = AccountFactory.create_batch(20)
    for account in accounts:
        AccountIntentsFactory(account=account)
        for intent in intents:
            IntentActivityFactory(account=account, intent=intent)
    for asked in (accounts[:1], accounts):
        with CaptureQueriesContext(connection) as sent:
            found = queries.intents_of([account.pk for account in asked], at=now())
        assert len(sent) == 2
        assert len(found) == len(asked)
        assert None not in vars(found[asked[0].pk]).values()
