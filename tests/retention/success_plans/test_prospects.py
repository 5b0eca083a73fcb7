"""A template shown to a prospect: in their language, with nothing of any customer, until it is taken back."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.foundation.clock import now
from accounts.foundation.models import AuditEntry
from retention.success_plans import prospects
from retention.success_plans.content import read
from retention.success_plans.prospect_models import ProspectLink
from retention.success_plans.template_models import PlanTemplate
from tests.factories import accounts, retention

pytestmark = pytest.mark.django_db


@pytest.fixture
def template(starter):
    return PlanTemplate.objects.get(key="public_onboarding")


@pytest.fixture
def link(template, amelia):
    return prospects.show(template, company="Fern & Sons", language="de", by=amelia, at=now())


def at(link) -> str:
    return "/s/" + prospects.address(link).partition("/s/")[2]


def test_says_what_happens_by_when_and_who_does_it(client, link):
    answer = client.get(at(link))
    text = answer.content.decode()
    for part in (
        "Was in Ihren ersten 90 Tagen geschieht",
        "Für Fern &amp; Sons",
        "Meilensteine",
        "Connect your systems",
    ):
        assert part in text
    assert "innerhalb von 5 Arbeitstagen" in text
    assert "Sie (Administration)" in text
    assert '<html lang="de">' in text
    assert "noindex" in answer["X-Robots-Tag"]
    assert "no-store" in answer["Cache-Control"]
    assert client.post(at(link)).status_code == 405
    link.refresh_from_db()
    assert link.last_seen_at is not None
    assert AuditEntry.objects.get(verb="prospect_link.open").door == "shared"


def test_one_that_was_taken_back_says_so_and_one_that_is_over_too(client, link, amelia):
    prospects.revoke(link, by=amelia, at=now())
    gone = client.get(at(link))
    assert (gone.status_code, "zurückgezogen" in gone.content.decode()) == (410, True)
    with pytest.raises(prospects.NotPossible):
        prospects.revoke(link, by=amelia, at=now())
    made = link.made_at - dt.timedelta(days=200)
    over = retention.ProspectLinkFactory(template=link.template, made_at=made, ends_at=now() - dt.timedelta(days=1))
    assert client.get(at(over)).status_code == 410
    assert client.get(at(link)[:-3] + "x/").status_code == 404


def test_leaves_out_what_is_ours_alone_and_what_comes_later():
    content = read(
        {
            "objectives": [
                {"key": "a", "goal": "Live", "due": "30 d"},
                {"key": "b", "goal": "Sell more", "is_shared": False},
                {"key": "c", "goal": "Next year", "due": "200 d"},
                {"key": "d", "goal": "First", "due": "5 bd"},
            ],
            "tasks": [
                {"key": "t", "title": "Ask for budget", "is_shared": False},
                {"key": "u", "title": "Of what is ours", "objective": "b"},
                {"key": "v", "title": "Shown"},
            ],
        }
    )
    told = prospects.told(content)
    assert [one["objective"].goal for one in told["milestones"]] == ["First", "Live"]
    assert [one["title"] for one in told["rest"]] == ["Shown"]


@pytest.mark.parametrize(("wrong", "field"), [({"language": "xx"}, "language"), ({"days": 0}, "days")])
def test_what_cannot_be_is_refused(template, amelia, wrong, field):
    with pytest.raises(ValidationError) as refused:
        prospects.show(template, by=amelia, at=now(), **wrong)
    assert field in refused.value.message_dict
    with pytest.raises(ValidationError, match="Only plans"):
        prospects.show(PlanTemplate.objects.get(key="kickoff"), by=amelia, at=now())
    assert not ProspectLink.objects.exists()


def test_is_made_listed_and_revoked_in_the_console(client, template, amelia, carla):
    client.force_login(amelia)
    new, pages = reverse("admin:retention_prospectlink_new"), reverse("admin:retention_prospectlink_changelist")
    typed = {"template": template.pk, "company": "Fern & Sons", "language": "fr", "days": "30"}
    assert client.post(f"{new}?template={template.pk}", typed).status_code == 302
    link = ProspectLink.objects.get()
    assert (link.language, link.made_by) == ("fr", amelia)
    for page in (pages, reverse("admin:retention_plantemplate_change", args=[template.pk])):
        text = client.get(page).content.decode()
        if page == pages:
            assert "Fern &amp; Sons" in text
            assert prospects.address(link) in text
    client.force_login(carla)
    assert "Fern" not in client.get(pages).content.decode()
    revoke = reverse("admin:retention_prospectlink_revoke", args=[link.pk])
    assert client.post(revoke).status_code == 404
    client.force_login(amelia)
    assert client.post(revoke).status_code == 302
    link.refresh_from_db()
    assert link.revoked_at
    assert AuditEntry.objects.filter(verb="prospect_link.revoke", actor_id=amelia.pk).count() == 1


def test_the_draft_of_a_handoff_shows_it_for_its_deal(client, northwind, amelia, starter):
    deal = accounts.DealFactory(account=northwind, name="First year")
    handoff = retention.HandoffFactory(account=northwind, deal=deal, state="draft", giver=amelia)
    client.force_login(amelia)
    page = reverse("admin:retention_handoff_change", args=[handoff.pk])
    new = reverse("admin:retention_prospectlink_new") + f"?deal={deal.pk}"
    assert new in client.get(page).content.decode()
    form = client.get(new).content.decode()
    assert northwind.name in form
    typed = {"template": PlanTemplate.objects.filter(kind="plan")[0].pk, "language": "en", "days": "30"}
    assert client.post(new, typed).status_code == 302
    link = ProspectLink.objects.get()
    assert link.deal == deal
    assert prospects.address(link) in client.get(page).content.decode()
    for wrong in ("999999", "x", "9" * 40):
        assert client.get(reverse("admin:retention_prospectlink_new") + f"?deal={wrong}").status_code == 404
