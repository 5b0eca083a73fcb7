"""The coverage policy in the console: its matrix with holes, lines that change by versions, and a hole filled."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.facts import projection
from accounts.facts.models import AccountFacts
from accounts.foundation.clock import now
from accounts.stakeholders import services as stakeholders
from retention.coverage.policy import LineDraft, PolicyDraft, RoleDraft, draft_of, in_force, publish
from tests.cast import person
from tests.factories import accounts

pytestmark = pytest.mark.django_db
ASKED = LineDraft("marketing_automation", roles=[RoleDraft("champion"), RoleDraft("finance")], people=2)
FREE = LineDraft("operations")


def page(name: str, **asked: str) -> str:
    query = "&".join(f"{key}={value}" for key, value in asked.items())
    return f"{reverse(f'admin:retention_coveragepolicyversion_{name}')}?{query}"


def shown(client, name: str, **asked: str) -> str:
    answer = client.get(page(name, **asked))
    assert answer.status_code == 200
    return answer.content.decode()


def looked_at() -> None:
    projection.rebuild(at=now())


@pytest.fixture
def policy(northwind):
    northwind.use_case = "marketing_automation"
    northwind.save()
    stakeholders.add(northwind, name="Ada", roles=["champion"], by=None, at=now())
    version = publish(PolicyDraft("use_case", [ASKED, FREE]), by=None, at=now())
    looked_at()
    return version


@pytest.fixture
def operator(client, policy):
    client.force_login(person("olga", role="operator", group=None))
    return client


def test_holes_are_counted_and_lead_to_the_accounts_that_have_them(client, policy, northwind, amelia, carla):
    nobody = accounts.AccountFactory(name="Nobody there", use_case="marketing_automation")
    accounts.AccountFactory(name="Not asked", use_case="operations")
    looked_at()
    client.force_login(amelia)
    matrix = shown(client, "changelist")
    assert "1 of 1 short" in matrix
    for hole in ("finance", "single_threaded", "short"):
        assert northwind.name in shown(client, "holes", segment="marketing_automation", stage="*", hole=hole), hole
    for asked in ({"hole": "champion"}, {"hole": "finance", "segment": "operations"}, {"hole": "nobody"}):
        assert northwind.name not in shown(client, "holes", **asked), asked
    assert client.get(page("holes", hole="king")).status_code == 404
    client.force_login(carla)
    assert northwind.name not in shown(client, "holes")
    client.force_login(person("olga", role="operator", group=None))
    assert "2 of 2 short" in shown(client, "changelist")
    told = shown(client, "holes", segment="marketing_automation", stage="", hole="nobody")
    assert nobody.name in told
    assert "Not asked" not in told


def test_a_line_is_changed_after_a_look_at_what_that_would_do(operator, policy, northwind):
    said = {"people": "", "within_days": "60", "champion_need": "known", "champion_people": "1", "champion_days": "60"}
    there = page("line", segment="marketing_automation", stage="")
    preview = operator.post(there, said | {"show": "1"})
    assert (preview.context["preview"].before.short, preview.context["preview"].after.short) == (1, 0)
    assert in_force() == policy
    assert operator.post(there, said | {"publish": "1"}).status_code == 302
    assert draft_of(in_force()).lines[0] == LineDraft("marketing_automation", roles=[RoleDraft("champion")])
    only = {"security_need": "engaged", "security_days": "30", "security_only": "company_size.enterprise"}
    new = {"segment": "", "stage": "renewal", "within_days": "60", **only}
    assert operator.post(page("line"), new | {"publish": "1"}).status_code == 302
    wanted = RoleDraft("security", 1, 30, "company_size", "enterprise")
    assert draft_of(in_force()).lines[-1] == LineDraft("", "renewal", [wanted])
    assert operator.post(there, said | {"publish": "1", "remove": "1"}).status_code == 302
    assert [line.segment for line in draft_of(in_force()).lines] == ["operations", ""]


def test_what_is_wrong_with_a_line_is_told_and_changes_nothing(operator, policy):
    there = page("line", segment="marketing_automation", stage="")
    assert operator.post(there, {"within_days": "0", "publish": "1"}).status_code == 400
    twice = {"segment": "", "stage": "", "within_days": "60"}
    assert operator.post(page("line"), twice | {"publish": "1"}).status_code == 302
    answer = operator.post(page("line"), twice | {"show": "1"})
    assert answer.status_code == 400
    assert "same segment and stage" in answer.content.decode()
    assert in_force().number == policy.number + 1
    assert operator.get(page("line", segment="gone", stage="")).status_code == 404


def test_a_missing_role_is_filled_from_the_page_of_the_account(client, policy, northwind, amelia):
    client.force_login(amelia)
    there = reverse("admin:accounts_account_change", args=[northwind.pk]) + "?tab=people"
    before = client.get(there).content.decode()
    assert "Missing: finance" in before
    assert "Single-threaded" in before
    link = reverse("admin:accounts_stakeholder_new", args=[northwind.pk]) + "?role=finance"
    assert link in before
    assert client.get(link).context["form"].initial["roles"] == ["finance"]
    assert client.get(link.replace("finance", "king")).context["form"].initial["roles"] == []
    assert client.post(link, {"name": "Fay", "roles": ["finance"]}).status_code == 302
    assert "Missing:" not in client.get(there).content.decode()
    while projection.project_dirty(at=now()):
        pass
    assert AccountFacts.objects.get(account=northwind).custom["committee_roles_missing"] == []


def test_the_list_of_a_hole_costs_the_same_for_many(operator, policy):
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            operator.get(page("holes"))
        return len(queries)

    cost()
    few = cost()
    accounts.AccountFactory.create_batch(20, use_case="marketing_automation")
    looked_at()
    assert cost() == few


def test_who_only_reads_definitions_changes_no_line(client, policy, amelia):
    client.force_login(amelia)
    assert client.post(page("line"), {"publish": "1", "within_days": "60"}).status_code in (403, 404)
    assert in_force() == policy


def test_another_dimension_is_chosen_after_it_was_shown_what_goes(operator, policy):
    publish(PolicyDraft("use_case", [ASKED, LineDraft(roles=(RoleDraft("champion"),))]), by=None, at=now())
    said = {"segments_by": "service_tier"}
    text = operator.post(page("dimension"), said).content.decode()
    assert "1 line is gone:" in text
    assert "What it would do" in text
    assert in_force().segments_by == "use_case"
    for unseen in ({}, {"seen": "tenure"}):
        assert operator.post(page("dimension"), said | {"publish": "1"} | unseen).status_code == 200
    assert in_force().segments_by == "use_case"
    assert operator.post(page("dimension"), said | {"publish": "1", "seen": "service_tier"}).status_code == 302
    found = draft_of(in_force())
    assert (found.segments_by, [(line.segment, len(line.roles)) for line in found.lines]) == ("service_tier", [("", 1)])


def test_without_a_line_for_all_one_that_asks_for_nothing_stays(operator, policy):
    operator.post(page("dimension"), {"segments_by": "tenure", "publish": "1", "seen": "tenure"})
    assert [line.asks for line in draft_of(in_force()).lines] == [False]
    assert operator.post(page("dimension"), {"segments_by": "nonsense"}).status_code == 400


def test_who_only_reads_chooses_no_dimension(client, policy, amelia):
    client.force_login(amelia)
    assert client.get(page("dimension")).status_code == 404
