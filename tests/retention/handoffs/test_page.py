"""The page of a handoff: both sides work on it, item by item, and it costs the same with sixty items."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.deals import services as deals
from accounts.foundation.clock import now
from retention.handoffs import services
from retention.handoffs.checklist import checklist
from retention.handoffs.drafts import draft_of
from retention.handoffs.models import Handoff, HandoffTemplate
from tests.factories.accounts import AccountFactory
from tests.factories.retention import AnswerFactory, HandoffFactory, HandoffItemFactory, HandoffVersionFactory
from tests.retention.handoffs.handing import answered, completed, item

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def signed_in(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def address(handoff):
    return f"/admin/retention/handoff/{handoff.pk}/"


def words(answer) -> str:
    return answer.content.decode()


def saved(client, address, key, value, revision=0, **more):
    return client.post(f"{address}items/{key}/", {"value": value, "revision": revision, **more}, headers=HTMX)


def test_what_blocks_stands_on_top_and_the_giver_submits(sal, address, handoff):
    page = signed_in(sal).get(f"{address}change/").content.decode()
    assert f"Still missing ({handoff.lacking})" in page
    assert "Submit to Amelia Tester" in page
    assert "due at commit" in page


def test_an_item_is_saved_by_itself_and_the_top_follows(sal, address, handoff):
    answer = saved(signed_in(sal), address, "use_cases", "Campaign reports")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "Saved" in text
    assert f"Still missing ({handoff.lacking - 1})" in text
    assert "hx-swap-oob" in text


def test_without_a_script_it_is_saved_as_well(sal, address, handoff):
    answer = signed_in(sal).post(f"{address}items/use_cases/", {"value": "Reports", "revision": 0})
    assert (answer.status_code, answer["Location"]) == (302, f"{address}change/")
    assert handoff.answers.get(item__key="use_cases").text == "Reports"


def test_a_stale_save_answers_409_and_shows_both(sal, amelia, address, handoff):
    services.save(handoff, item(handoff, "use_cases"), "Theirs it is", revision=0, by=None, at=now())
    answer = saved(signed_in(sal), address, "use_cases", "Mine it is", revision=0)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "Theirs it is" in text
    assert "Mine it is" in text
    assert "Keep theirs" in text
    assert saved(signed_in(sal), address, "use_cases", "Mine it is", revision=1).status_code == 200


def test_what_is_wrong_stands_beside_the_field_and_what_was_typed_is_kept(sal, address):
    answer = saved(signed_in(sal), address, "usage_target", "many")
    assert answer.status_code == 400
    assert "Expected a number" in answer.content.decode()
    assert 'value="many"' in answer.content.decode()


def test_somebody_new_is_added_where_they_are_needed(sal, address, handoff):
    more = {"new_name": "Tom Ames", "new_email": "tom@northwind.example"}
    assert saved(signed_in(sal), address, "admin", "new", **more).status_code == 200
    assert handoff.account.stakeholders.get().name == "Tom Ames"
    assert "name of whom" in saved(signed_in(sal), address, "champion", "new").content.decode()


def test_somebody_new_is_offered_to_the_other_items_at_once(sal, address):
    answer = words(saved(signed_in(sal), address, "admin", "new", new_name="Tom Ames", new_title="Admin"))
    offered = answer.partition('hx-swap-oob="beforebegin:[data-item] option[value=new]"')[2]
    assert offered.partition("</div>")[0].endswith("Tom Ames, Admin</option>")
    assert "beforebegin" not in words(saved(signed_in(sal), address, "use_cases", "Reports"))


def test_the_page_says_while_the_contract_of_the_deal_waits(sal, address, handoff):
    client = signed_in(sal)
    assert "No contract yet" in words(client.get(f"{address}change/"))
    deals.decline(handoff.deal.proposal, reason="In the books already", by=None, at=now())
    assert "No contract yet" not in words(client.get(f"{address}change/"))


def test_a_file_is_for_those_alone_who_see_the_handoff(sal, carla, amelia, address, handoff):
    file = SimpleUploadedFile("sow.html", b"<script>alert(1)</script>", "text/html")
    assert saved(signed_in(sal), address, "sow", file).status_code == 200
    kept = handoff.files.get()
    answer = signed_in(amelia).get(f"{address}files/{kept.pk}/")
    assert b"".join(answer.streaming_content) == b"<script>alert(1)</script>"
    assert answer["Content-Type"] == "application/octet-stream"
    assert "attachment" in answer["Content-Disposition"]
    assert signed_in(carla).get(f"{address}files/{kept.pk}/").status_code == 404
    assert "sow" not in kept.content.name
    kept.content.delete(save=False)


def test_submitting_too_early_says_what_is_missing(sal, address):
    answer = signed_in(sal).post(f"{address}do/", {"verb": "submit"})
    assert answer.status_code == 400
    assert "Still missing: Value hypothesis, Draft success plan, Products, term, seats and ARR, and" in words(answer)
    assert answer.content.decode().count('role="alert"') == 1


def test_what_was_typed_stays_when_a_return_or_a_verdict_is_refused(sal, amelia, address, handoff):
    promised = {"verb": "promise", "what": "Sign-on by January", "to_whom": "Lena", "due_on": "soon"}
    answer = words(signed_in(sal).post(f"{address}do/", promised))
    assert 'value="Sign-on by January"' in answer
    assert signed_in(sal).post(f"{address}do/", promised | {"due_on": ""})["Location"].endswith("#promises")
    services.submit(completed(handoff, by=sal), by=sal, at=now())
    client = signed_in(amelia)
    back = {"verb": "return", "return": ["sow", "effort"], "reason_sow": "scope_mismatch", "note_sow": "Seats differ"}
    answer = words(client.post(f"{address}do/", back | {"reason_effort": "other", "note_effort": ""}))
    assert "Say in a sentence what is wrong" in answer
    assert 'value="Seats differ"' in answer
    assert answer.count('x-data="{ open: true }"') == 2
    assert answer.count('value="scope_mismatch" selected') == 1
    promise = handoff.promises.get()
    answer = words(client.post(f"{address}do/", {"verb": "judge", "promise": promise.pk, "verdict": "needs_product"}))
    assert "what stands in the way" in answer
    assert 'value="needs_product" selected' in answer


def test_the_receiver_reads_returns_and_accepts_on_the_same_page(sal, amelia, address, handoff):
    services.submit(completed(handoff, by=sal), by=sal, at=now())
    client = signed_in(amelia)
    page = client.get(f"{address}change/").content.decode()
    assert "Accept Northwind" in page
    assert "Return what is ticked" in page
    assert 'name="revision"' not in page
    sent = {"verb": "return", "return": ["sow"], "reason_sow": "scope_mismatch", "note_sow": "Seats differ"}
    assert client.post(f"{address}do/", sent).status_code == 302
    assert "Scope does not match" in signed_in(sal).get(f"{address}change/").content.decode()
    back = Handoff.objects.get(pk=handoff.pk)
    answered(back, "usage_target", "250", by=sal)
    line = checklist(back).line("sow")
    assert line.is_open
    file = SimpleUploadedFile("sow.pdf", b"signed again")
    assert saved(signed_in(sal), address, "sow", file, revision=line.revision).status_code == 200
    assert signed_in(sal).post(f"{address}do/", {"verb": "submit"}).status_code == 302
    assert client.post(f"{address}do/", {"verb": "accept"}).status_code == 302
    assert Handoff.objects.get(pk=handoff.pk).state == "accepted"


def test_the_giver_finds_no_button_to_accept_and_no_way_past_it(sal, address, handoff):
    services.submit(completed(handoff, by=sal), by=sal, at=now())
    client = signed_in(sal)
    assert "Accept Northwind" not in client.get(f"{address}change/").content.decode()
    assert client.post(f"{address}do/", {"verb": "accept"}).status_code == 400
    assert Handoff.objects.get(pk=handoff.pk).state == "submitted"


def test_the_work_leads_to_the_page_and_the_home_says_what_is_due(sal, address, handoff):
    client = signed_in(sal)
    assert client.get(f"/admin/retention/workitem/{handoff.work_id}/change/")["Location"].startswith(address)
    home = client.get("/admin/").content.decode()
    assert "1 handoff to complete, first due" in home
    assert f"{handoff.readiness} %" in home


def test_sixty_items_cost_the_queries_of_five(admin_client):
    def cost(items: int) -> int:
        version = HandoffVersionFactory()
        handoff = HandoffFactory(version=version, account=AccountFactory(), lacking=1)
        for number in range(items):
            one = HandoffItemFactory(version=version, facts=["arr"] if number % 2 else [])
            AnswerFactory(handoff=handoff, item=one)
        admin_client.get(f"/admin/retention/handoff/{handoff.pk}/change/")
        with CaptureQueriesContext(connection) as queries:
            answer = admin_client.get(f"/admin/retention/handoff/{handoff.pk}/change/")
        assert answer.status_code == 200
        return len(queries)

    assert cost(60) == cost(5) < 45


def test_a_handoff_begins_from_the_accounts_page(amelia, account, sal):
    template = HandoffTemplate.objects.get(key="cs_to_support")
    sent = {"template": template.pk, "receiver": sal.pk}
    client = signed_in(amelia)
    assert client.get(f"/admin/accounts/account/{account.pk}/start-handoff/").status_code == 200
    answer = client.post(f"/admin/accounts/account/{account.pk}/start-handoff/", sent)
    assert answer.status_code == 302
    assert Handoff.objects.get().receiver == sal


def test_a_changed_checklist_is_a_new_version_and_running_ones_stay(admin_client, handoff):
    template = handoff.version.template
    address = f"/admin/retention/handofftemplate/{template.pk}/"
    assert "Value hypothesis" in admin_client.get(f"{address}change/").content.decode()
    form = {"name": "Data sources, all of them", "evidence": "text", "is_blocking": "on"}
    assert admin_client.get(f"{address}items/data/edit/").status_code == 200
    assert admin_client.post(f"{address}items/data/edit/", form).status_code == 302
    assert admin_client.post(f"{address}sections/value/add/", form | {"name": "Reference"}).status_code == 302
    assert admin_client.post(f"{address}items/regions/remove/").status_code == 302
    assert admin_client.post(f"{address}items/data/shift/", {"to": "earlier"}).status_code == 302
    latest = template.versions.first()
    assert latest.number == handoff.version.number + 4
    items = {one.key: one for section in draft_of(latest).sections for one in section.items}
    assert items["data"].is_blocking
    assert "reference" in items
    assert "regions" not in items
    handoff.refresh_from_db()
    assert handoff.version.number == 1


def test_an_item_goes_to_the_end_of_another_section(admin_client, handoff):
    template = handoff.version.template
    address = f"/admin/retention/handofftemplate/{template.pk}/items/data/edit/"
    before = {one.key: [item.key for item in one.items] for one in draft_of(handoff.version).sections}
    was = next(key for key, items in before.items() if "data" in items)
    page = admin_client.get(address).content.decode()
    assert f'<option value="{was}" selected>' in page
    form = {"name": "Data sources", "evidence": "text", "section": "value"}
    assert admin_client.post(address, form | {"section": "nowhere"}).status_code == 400
    assert admin_client.post(address, form).status_code == 302
    after = {one.key: [item.key for item in one.items] for one in draft_of(template.versions.first()).sections}
    assert after["value"] == [*before["value"], "data"]
    assert after[was] == [key for key in before[was] if key != "data"]
    assert handoff.version.items.get(key="data").section.key == was


def test_sections_are_added_worded_moved_and_taken_out(admin_client, handoff):
    template = handoff.version.template
    address = f"/admin/retention/handofftemplate/{template.pk}/"

    def sections():
        return [one.name for one in draft_of(template.versions.first()).sections]

    before, form = sections(), {"name": "Data protection", "meaning": "What we may keep.", "raci_sales": "AR"}
    assert admin_client.post(f"{address}sections/", form | {"raci_sales": ""}).status_code == 400
    assert admin_client.post(f"{address}sections/", form | {"raci_cs": "A"}).status_code == 400
    assert sections() == before
    assert admin_client.post(f"{address}sections/", form).status_code == 302
    assert admin_client.post(f"{address}sections/data_protection/shift/", {"to": "earlier"}).status_code == 302
    assert sections() == [*before[:-1], "Data protection", before[-1]]
    assert admin_client.get(f"{address}sections/value/edit/").status_code == 200
    assert admin_client.post(f"{address}sections/value/edit/", form | {"name": "Their value"}).status_code == 302
    items = {one.name: one.items for one in draft_of(template.versions.first()).sections}
    assert len(items["Their value"]) == 6
    assert "Take them out first" in admin_client.post(f"{address}sections/dates/remove/", follow=True).content.decode()
    assert admin_client.post(f"{address}sections/data_protection/remove/").status_code == 302
    assert sections() == ["Their value" if name == "Value" else name for name in before]
    assert handoff.version.sections.count() == len(before)


def test_a_checklist_that_makes_no_sense_is_refused_beside_its_field(admin_client, handoff):
    address = f"/admin/retention/handofftemplate/{handoff.version.template_id}/"
    wrong = {"name": "X", "evidence": "fact", "due": "soon"}
    answer = admin_client.post(f"{address}items/data/edit/", wrong)
    assert answer.status_code == 400
    assert "Write 4 bh, 1 bd or 3 d" in answer.content.decode()
    sides = {"name": "A", "giver": "ae", "receiver": "ae", "complete_within": "1 bd", "accept_within": "1 bd"}
    assert "cannot hand over to themselves" in admin_client.post(f"{address}edit/", sides).content.decode()
    assert handoff.version.template.versions.count() == 1


def test_the_account_shows_its_handoffs(amelia, handoff):
    page = signed_in(amelia).get(f"/admin/accounts/account/{handoff.account_id}/change/?tab=work").content.decode()
    assert "Sal Tester to Amelia Tester" in page
