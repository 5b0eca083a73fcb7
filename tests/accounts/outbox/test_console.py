"""The console shows what was sent and why the rest was not, and is where modes and endpoints are changed."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.foundation.models import AuditEntry
from accounts.outbox import queries, services
from accounts.outbox.models import Delivery, WebhookEndpoint
from accounts.workspace.models import Workspace
from tests.factories.accounts import (
    AT,
    DeliveryAttemptFactory,
    DeliveryBodyFactory,
    DeliveryFactory,
    StakeholderFactory,
    WebhookEndpointFactory,
    WorkspaceFactory,
)

pytestmark = pytest.mark.django_db
SENT, MODE = "/admin/accounts/delivery/", "/admin/accounts/delivery/mode/"
HOOKS, BELL = "/admin/accounts/webhookendpoint/", "/admin/accounts/delivery/notifications/"


@pytest.fixture
def console(boss):
    WorkspaceFactory()
    return signed_in(boss)


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(client, path, data=None, *, status=200, **options) -> str:
    response = client.post(path, data, follow=True, **options) if data is not None else client.get(path)
    assert response.status_code == status, (path, response.status_code)
    return response.content.decode()


def test_an_empty_installation_invites(console):
    assert "Nothing yet" in text(console, SENT)
    assert "Add the first one" in text(console, HOOKS)
    assert "Nothing yet" in text(console, BELL)
    assert "Preview: nothing leaves" in text(console, MODE)


def test_each_delivery_reads_as_a_sentence_and_says_why(console):
    person = StakeholderFactory(name="Ada Moreau")
    DeliveryBodyFactory(
        delivery__user=None,
        delivery__stakeholder=person,
        delivery__account=person.account,
        delivery__state="done",
        delivery__outcome="refused",
        delivery__reason="The recipient has left the customer.",
    )
    shown = text(console, SENT)
    for words in (
        "E-mail “Something happened” to Ada Moreau",
        person.account.name,
        "Not sent",
        "has left the customer",
    ):
        assert words in shown


@pytest.mark.parametrize(("tries", "said"), [(1, "Tried once. No answer"), (3, "Tried 3 times. No answer")])
def test_what_waits_says_how_often_it_was_tried(tries, said):
    assert queries.because(DeliveryFactory(tries=tries, error="No answer"), "waiting") == said


@pytest.mark.parametrize(
    ("query", "is_shown"),
    [
        ("status=previewed", True),
        ("status=sent", False),
        ("channel=email&person=amelia", True),
        ("channel=webhook", False),
        ("account=north", True),
        ("account=contoso", False),
        ("first=2026-03-04&last=2026-03-04", True),
        ("last=2026-03-03", False),
        ("status=nonsense&older=x&first=yesterday", True),
        ("older=99999999999999999999", True),
        ("person=%00", True),
    ],
)
def test_is_filtered(console, query, is_shown):
    one = DeliveryBodyFactory(
        delivery__state="done", delivery__outcome="previewed", delivery__account__name="Northwind"
    )
    assert (f"{SENT}{one.pk}/change/" in text(console, f"{SENT}?{query}")) is is_shown


def test_a_hundred_rows_cost_the_queries_of_ten(console):
    costs = []
    for count in (5, 30):
        DeliveryBodyFactory.create_batch(count)
        text(console, SENT)
        with CaptureQueriesContext(connection) as queries:
            text(console, SENT)
        costs.append(len(queries))
    assert costs[0] == costs[1]


def test_opens_to_the_words_where_no_script_runs(console):
    row = DeliveryBodyFactory(html='<script>alert("x")</script><p>Hello</p>').delivery
    DeliveryAttemptFactory(delivery=row, answer="451 try later")
    shown = text(console, f"{SENT}{row.pk}/change/")
    assert 'sandbox=""' in shown
    assert "<script>alert" not in shown
    assert "451 try later" in shown


def test_a_person_decides_about_what_is_unknown(console, boss):
    row = DeliveryBodyFactory(delivery__state="dead", delivery__outcome="unknown", delivery__error="TimeoutError: x")
    page = f"{SENT}{row.pk}/"
    assert "It arrived" in text(console, f"{page}change/")
    assert "Noted: it arrived." in text(console, f"{page}decide/", {"verb": "arrived"})
    assert Delivery.objects.get().outcome == "sent"
    assert AuditEntry.objects.get(verb="delivery.arrived").actor_id == boss.pk
    text(console, f"{page}decide/", {"verb": "explode"}, status=404)


def test_the_mode_is_changed_after_its_plan_was_seen(console, boss):
    DeliveryBodyFactory(delivery__purpose="play")
    choice = {"mode": "internal", "allowed": ""}
    shown = text(console, MODE, choice)
    assert "</span> would be sent: E-mail" in shown
    assert Workspace.objects.get().outbound_mode == "preview"
    assert "The outbound mode is now: Internal" in text(console, MODE, choice | {"confirm": "1"})
    assert Workspace.objects.get().outbound_mode == "internal"
    entry = AuditEntry.objects.get(verb="workspace.set_outbound")
    assert (entry.before["outbound_mode"], entry.after["outbound_mode"]) == ("preview", "internal")


@pytest.mark.parametrize(
    ("allowed", "error"), [("", "Name at least one"), ("not an address!", "neither an e-mail address nor a domain")]
)
def test_an_allow_list_names_somebody(console, allowed, error):
    shown = text(console, MODE, {"mode": "allowlist", "allowed": allowed, "confirm": "1"}, status=400)
    assert error in shown
    assert Workspace.objects.get().outbound_mode == "preview"


def test_an_endpoint_from_its_secret_to_its_end(console):
    shown = text(console, f"{HOOKS}add/", {"name": "Warehouse", "url": "https://x.example/h", "kinds": ["deal.won"]})
    assert "whsec_" in shown
    endpoint = WebhookEndpoint.objects.get()
    page = f"{HOOKS}{endpoint.pk}/"
    shown = text(console, f"{page}change/")
    assert "whsec_" not in shown
    assert "Deal won" in shown
    for verb, said in (("test", "on its way"), ("pause", "Paused"), ("resume", "Resumed"), ("off", "Switched off")):
        assert said in text(console, f"{page}do/", {"verb": verb})
    assert "whsec_" in text(console, f"{page}rotate/", {})
    assert "is saved" in text(console, f"{page}edit/", {"name": "Lake", "url": "https://x.example/h"})
    assert WebhookEndpoint.objects.get().kinds == []


def test_what_is_wrong_stands_beside_its_field(console):
    shown = text(console, f"{HOOKS}add/", {"name": "X", "url": "http://10.0.0.1/"}, status=400)
    assert "is a private address" in shown


def test_the_bell_counts_what_is_new_and_leads_to_it(console, boss):
    message = services.Message("test", "k", "in_app", subject="New work: call", link="/admin/", user=boss)
    [row] = services.book([message], at=AT)
    assert "Notifications, 1 new" in text(console, SENT)
    assert "New work: call" in text(console, BELL)
    response = console.post(BELL, {"only": row.pk})
    assert response.headers["Location"] == "/admin/"
    assert "Nothing new" in text(console, BELL)
    assert console.post(BELL, {"only": "x"}).status_code == 302


def test_pages_are_for_those_who_may(starter, northwind, amelia, carla):
    row = DeliveryFactory(account=northwind, user=amelia)
    DeliveryBodyFactory(delivery=row)
    WebhookEndpointFactory()
    hers, others = signed_in(amelia), signed_in(carla)
    assert f"{SENT}{row.pk}/change/" in text(hers, SENT)
    assert f"{SENT}{row.pk}/change/" not in text(others, SENT)
    text(others, f"{SENT}{row.pk}/change/", status=404)
    for path in (MODE, f"{HOOKS}add/"):
        text(hers, path, status=404)
    text(hers, HOOKS, status=403)
