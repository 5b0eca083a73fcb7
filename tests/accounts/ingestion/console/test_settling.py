"""Waiting signals find their account: matched, created, one by one or all at once, and counted as if known at once."""

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.foundation.clock import now
from accounts.foundation.models import AuditEntry
from accounts.identity import services as identity
from accounts.identity.models import ExternalId
from accounts.ingestion.models import QuarantinedItem, SignalEvent
from accounts.ingestion.quarantine import queries, services
from accounts.ingestion.quarantine.queries import Selection
from accounts.ingestion.quarantine.suggestions import guesses
from accounts.portfolio import services as portfolio
from accounts.portfolio.models import Account
from accounts.stakeholders.models import ProductUser
from accounts.team.models import User
from accounts.workspace.models import Source
from tests.accounts.ingestion.calls import group, identify, track

Deliver = Any
UNKNOWN = Selection(reason="unknown_account")


def company(number: int, **traits: Any) -> list[dict[str, Any]]:
    """What a client sends about one company that nobody has linked."""
    user, there = f"user-{number}", f"acct-{number}"
    said = {"name": f"Company {number}", "domain": f"https://www.company{number}.example/", "employees": 40} | traits
    return [
        group(user, there, traits=said, messageId=f"g{number}"),
        track(user, context={"groupId": there}, messageId=f"t{number}"),
    ]


def settle(by: User, *, match: bool = True, selection: Selection = UNKNOWN) -> services.Done:
    """Settles to the end, as the page does piece by piece."""
    whole = services.Done()
    place = None
    while True:
        done = services.settle(selection, match=match, place=place, by=by, at=now())
        whole.created += done.created
        whole.matched += done.matched
        whole.items += done.items
        whole.refused += done.refused
        place = done.place
        if place is None:
            return whole


def suggestion(by: User) -> tuple[str, str] | None:
    [found] = queries.largest(by, UNKNOWN, start=0, end=1)
    guess = guesses([found], user=by)[found.place].suggestion
    return (guess.account.name, guess.reason) if guess else None


def test_a_user_whose_account_id_waits_is_told_apart_from_one_of_whom_nothing_is_known(
    product: Source, olga: User, deliver: Deliver, northwind: Account, client: Client
) -> None:
    deliver(*company(1), track("user-1", messageId="u1"), track("lone", messageId="u2"))
    users = queries.largest(olga, Selection(reason="no_account"), start=0, end=9)
    named = {place[1]: guess.waits_for for place, guess in guesses(users, user=olga).items()}
    assert named == {"user-1": "acct-1", "lone": ""}
    client.force_login(olga)
    first = client.get("/admin/accounts/quarantineditem/").content.decode()
    assert "1 unknown account" in first, "what releases others too stands first"
    shown = client.get("/admin/accounts/quarantineditem/?reason=no_account").content.decode()
    assert f"reason=unknown_account&amp;group={product.pk}%3Aacct-1" in shown
    identity.link(northwind, source=product, value="acct-1", by=None, at=now())
    users = queries.largest(olga, Selection(reason="no_account"), start=0, end=9)
    assert not any(guess.waits_for for guess in guesses(users, user=olga).values())


def test_creates_an_account_for_each_unknown_id_and_counts_what_waited(olga: User, deliver: Deliver, pump: Any) -> None:
    deliver(*company(1), *company(2))
    done = settle(olga)
    assert (done.created, done.matched, done.items) == (2, 0, 4)
    pump()
    assert not QuarantinedItem.objects.exists()
    first = Account.objects.get(name="Company 1")
    assert (first.domain, first.employees) == ("company1.example", 40)
    assert SignalEvent.objects.filter(account=first).count() == 2


def test_matches_the_account_whose_domain_the_calls_name(olga: User, deliver: Deliver, pump: Any) -> None:
    known = portfolio.create(name="Company One Ltd", domain="company1.example", by=None, at=now())
    deliver(*company(1), *company(2))
    done = settle(olga)
    assert (done.created, done.matched) == (1, 1)
    pump()
    assert SignalEvent.objects.filter(account=known).count() == 2
    assert not QuarantinedItem.objects.exists()


def test_creates_all_the_same_where_nothing_shall_be_matched(olga: User, deliver: Deliver) -> None:
    portfolio.create(name="Company One Ltd", domain="company1.example", by=None, at=now())
    deliver(*company(1))
    assert settle(olga, match=False).created == 1
    assert Account.objects.count() == 2


def test_names_an_account_after_the_id_where_no_call_tells_more(olga: User, deliver: Deliver) -> None:
    deliver(track(context={"groupId": "acct-9"}))
    settle(olga)
    assert ExternalId.objects.get(value="acct-9").account.name == "acct-9"


def test_settles_the_chosen_ones_and_leaves_the_others(olga: User, deliver: Deliver) -> None:
    deliver(*company(1), *company(2))
    source = Source.objects.get(key="product")
    settle(olga, selection=Selection(reason="unknown_account", chosen=((source.pk, "acct-2"),)))
    assert ExternalId.objects.get().value == "acct-2"
    assert queries.size(olga, UNKNOWN) == (1, 2)


def test_goes_on_behind_a_group_that_cannot_be_settled(olga: User, deliver: Deliver, monkeypatch: Any) -> None:
    monkeypatch.setattr(services, "GROUPS_AT_ONCE", 1)
    deliver(*company(1), *company(2), *company(3))
    create = portfolio.create

    def refusing(*, name: str, **values: Any) -> Account:
        if name == "Company 2":
            raise ValidationError("Not this one.")
        return create(name=name, **values)

    monkeypatch.setattr(portfolio, "create", refusing)
    done = settle(olga)
    assert done.created == 2
    assert done.refused == ["acct-2: Not this one."]
    assert set(ExternalId.objects.values_list("value", flat=True)) == {"acct-1", "acct-3"}


def test_settling_twice_changes_nothing(olga: User, deliver: Deliver) -> None:
    deliver(*company(1))
    settle(olga)
    again = settle(olga)
    assert (again.created, again.matched) == (0, 0)
    assert Account.objects.count() == 1


def test_the_plan_says_what_settling_does_and_does_nothing(olga: User, deliver: Deliver) -> None:
    portfolio.create(name="Company One Ltd", domain="company1.example", by=None, at=now())
    deliver(*company(1), *company(2))
    plan = services.plan_settling(UNKNOWN, by=olga)
    assert (plan.groups, plan.signals, plan.matched) == (2, 4, 1)
    told = [(row.group.value, row.name, row.account and row.account.name) for row in plan.rows]
    assert told == [("acct-1", "Company 1", "Company One Ltd"), ("acct-2", "Company 2", None)]
    assert Account.objects.count() == 1
    assert QuarantinedItem.objects.count() == 4


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"name": "Other", "domain": "company1.example"}, "its domain is company1.example"),
        ({"name": "company 1"}, "it is called Company 1 there"),
        ({"name": "acct-1"}, "its key is that id"),
        ({"name": "Other", "domain": "people.example"}, "people there have addresses at people.example"),
    ],
)
def test_suggests_with_the_reason(olga: User, deliver: Deliver, fields: dict[str, str], reason: str) -> None:
    account = portfolio.create(by=None, at=now(), **fields)
    deliver(identify("user-1", traits={"email": "ada@people.example"}), *company(1))
    assert suggestion(olga) == (account.name, reason)


@pytest.mark.parametrize(
    ("here", "there"),
    [("Tierra Alta Café", "tierra alta cafe"), ("Kestrel Hill", "Kestrel Hill, Ltd."), ("Millbrook Inc.", "Millbrook")],
)
def test_suggests_an_account_that_is_spelt_nearly_so(olga: User, deliver: Deliver, here: str, there: str) -> None:
    portfolio.create(name=here, by=None, at=now())
    portfolio.create(name="Inc", by=None, at=now())
    deliver(*company(1, name=there, domain=""))
    assert suggestion(olga) == (here, f"it is called {there} there, nearly as here")


def test_suggests_nobody_where_two_are_spelt_nearly_so(olga: User, deliver: Deliver) -> None:
    for name in ("Kestrel Hill AG", "Kestrel Hill Ltd"):
        portfolio.create(name=name, by=None, at=now())
    deliver(*company(1, name="Kestrel Hill", domain=""))
    assert suggestion(olga) is None


def test_suggests_what_another_source_calls_so(olga: User, deliver: Deliver, northwind: Account) -> None:
    other = Source.objects.create(key="crm", name="CRM")
    identity.link(northwind, source=other, value="acct-1", by=None, at=now())
    deliver(*company(1, name="", domain=""))
    assert suggestion(olga) == ("Northwind Traders", "another source calls it acct-1 too")


def test_suggests_nobody_where_two_fit_or_the_address_is_everybodys(olga: User, deliver: Deliver) -> None:
    for name in ("A", "B"):
        portfolio.create(name=name, domain="company1.example", by=None, at=now())
    portfolio.create(name="Mail", domain="gmail.com", by=None, at=now())
    deliver(identify("user-1", traits={"email": "ada@gmail.com"}), *company(1))
    assert suggestion(olga) is None


def test_suggests_only_accounts_that_the_user_sees(
    carla: User, olga: User, northwind: Account, deliver: Deliver
) -> None:
    deliver(*company(1, name="Northwind Traders", domain=""))
    [found] = queries.largest(olga, UNKNOWN, start=0, end=1)
    assert guesses([found], user=olga)[found.place].suggestion is not None
    assert guesses([found], user=carla)[found.place].suggestion is None


def test_a_matched_user_brings_what_waited_for_their_account(
    olga: User, northwind: Account, product: Source, deliver: Deliver, pump: Any
) -> None:
    deliver(track("lonely", messageId="a"), track("lonely", messageId="b"))
    services.match_user(northwind, source=product, value="lonely", by=olga, at=now())
    pump()
    assert SignalEvent.objects.filter(account=northwind).count() == 2
    assert ProductUser.objects.get(external_id="lonely").account == northwind
    assert AuditEntry.objects.filter(verb="product_user.match", actor_id=olga.pk).exists()


def test_discarding_needs_a_reason_and_leaves_it_in_the_trail(olga: User, deliver: Deliver) -> None:
    deliver({"type": "track"}, {"type": "nonsense"})
    wanted = Selection(reason="malformed")
    with pytest.raises(ValidationError, match="Say in a sentence"):
        services.discard(wanted, reason=" ", by=olga, at=now())
    assert QuarantinedItem.objects.count() == 2
    assert services.discard(wanted, reason="A broken client.", by=olga, at=now()) == 2
    assert not QuarantinedItem.objects.exists()
    entry = AuditEntry.objects.get(verb="quarantine.discard")
    assert entry.after == {"items": 2, "reason": "Not readable as a signal", "because": "A broken client."}
    assert entry.actor_id == olga.pk


def test_replaying_leaves_its_entry_and_ends(olga: User, deliver: Deliver, pump: Any) -> None:
    deliver(track("lonely"))
    wanted = Selection(reason="no_account")
    upto = queries.last_id(olga, wanted)
    assert services.replay(wanted, by=olga, at=now()) == 1
    pump()
    assert QuarantinedItem.objects.count() == 1, "its reason still holds"
    assert services.replay(Selection(reason="no_account", upto=upto), by=olga, at=now()) == 0
    assert AuditEntry.objects.get(verb="quarantine.replay").after["items"] == 1


def test_a_hundred_groups_cost_the_queries_of_ten(olga: User, deliver: Deliver) -> None:
    queries.size(olga, UNKNOWN)  # what the role reaches is asked for once
    counts = []
    for numbers in (range(10), range(10, 100)):
        deliver(*(item for number in numbers for item in company(number)))
        with CaptureQueriesContext(connection) as found:
            groups = queries.largest(olga, UNKNOWN, start=0, end=100)
            assert len(guesses(groups, user=olga)) == numbers[-1] + 1
        counts.append(len(found))
    assert counts[0] == counts[1] <= 8
