"""Two sides: the giver submits what is complete, the receiver accepts it or says what is wrong with it."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import IntegrityError, transaction

from accounts.foundation.clock import now
from accounts.portfolio import services as portfolio
from accounts.stakeholders import services as stakeholders
from accounts.team import absences
from retention.handoffs import services
from retention.handoffs.checklist import checklist
from retention.handoffs.models import Handoff, Promise
from retention.slas.models import Clock
from retention.work import services as work
from retention.work.alarms import told
from tests.cast import person
from tests.retention.handoffs.handing import answered, completed, fits_badly, item, of, subjects, won

pytestmark = pytest.mark.django_db


def refused(verb, *args, **values) -> str:
    with pytest.raises(ValidationError) as told:
        verb(*args, at=now(), **values)
    return " ".join(told.value.messages)


@pytest.fixture
def submitted(handoff, sal):
    return services.submit(completed(handoff, by=sal), by=sal, at=now())


def test_submitting_is_refused_with_everything_that_is_missing(handoff, sal):
    said = refused(services.submit, handoff, by=sal)
    missing = [line.item.name for line in checklist(handoff).open]
    assert len(missing) > 15
    assert all(name in said for name in missing)
    handoff.refresh_from_db()
    assert handoff.state == "open"


def test_readiness_rises_with_each_item(handoff):
    before = handoff.readiness
    answered(handoff, "use_cases", "Campaign reports")
    handoff.refresh_from_db()
    assert handoff.readiness > before
    assert completed(handoff).readiness == 100


def test_the_database_refuses_to_hand_over_what_lacks_something(handoff):
    with pytest.raises(IntegrityError), transaction.atomic():
        Handoff.objects.filter(pk=handoff.pk).update(state="submitted")
    with pytest.raises(IntegrityError), transaction.atomic():
        Handoff.objects.filter(pk=handoff.pk).update(state="accepted", accepted_at=now(), submitted_at=now())


def test_my_work_does_not_close_it_past_its_rules(handoff, sal):
    for outcome in ("submitted", "called_off", "done"):
        assert "page" in refused(work.close, handoff.work, outcome=outcome, note="x", by=sal)


def test_the_turn_goes_from_giver_to_receiver_and_back(submitted, handoff, sal, amelia):
    assert (submitted.work.assignee, submitted.work.clock.duration) == (amelia, "1 bd")
    one = item(submitted, "value_hypothesis")
    back = services.return_items(submitted, [(one, "vague_value", "No baseline")], by=amelia, at=now())
    assert (back.state, back.loops, back.lacking, back.work.assignee) == ("returned", 1, 1, sal)
    assert one.name in refused(services.submit, back, by=sal)
    answered(back, "value_hypothesis", "Reports take 9 h a week; 2 h by March", by=sal)
    again = services.submit(back, by=sal, at=now())
    accepted = services.accept(again, by=amelia, at=now())
    assert (accepted.state, accepted.accepted_by, accepted.loops) == ("accepted", amelia, 1)
    assert not accepted.work.is_open


def test_a_return_names_items_and_reasons(submitted, amelia):
    one = item(submitted, "sow")
    assert "at least one" in refused(services.return_items, submitted, [], by=amelia)
    assert "each once" in refused(services.return_items, submitted, [(one, "other", "a")] * 2, by=amelia)
    assert "sentence" in refused(services.return_items, submitted, [(one, "other", " ")], by=amelia)
    assert "not a valid choice" in refused(services.return_items, submitted, [(one, "ugly", "")], by=amelia)
    submitted.refresh_from_db()
    assert (submitted.state, submitted.returns.count()) == ("submitted", 0)


def test_nobody_accepts_what_they_hand_over(submitted, sal):
    assert "You handed this over" in refused(services.accept, submitted, by=sal)
    assert "You handed this over" in refused(
        services.return_items, submitted, [(item(submitted, "sow"), "duplicate", "")], by=sal
    )
    done = {"state": "accepted", "accepted_at": now(), "accepted_by": sal}
    with pytest.raises(IntegrityError), transaction.atomic():
        Handoff.objects.filter(pk=submitted.pk).update(**done)


def test_who_stands_in_for_the_giver_does_not_accept_either(submitted, sal, east):
    dora = person("dora", role="ae", group=east)
    ends_at = now() + dt.timedelta(days=3)
    absences.announce(sal, stand_in=dora, starts_at=now(), ends_at=ends_at, by=None, at=now())
    assert "You handed this over" in refused(services.accept, submitted, by=type(dora).objects.get(pk=dora.pk))


def test_the_receiver_or_their_manager_accepts_nobody_else(submitted, bruno, carla):
    assert "only they" in refused(services.accept, submitted, by=carla)
    assert services.accept(submitted, by=bruno, at=now()).accepted_by == bruno


def test_items_are_closed_while_the_receiver_looks(submitted, sal):
    assert "to accept" in refused(services.save, submitted, item(submitted, "effort"), "x", revision=1, by=sal)


def test_every_promise_is_judged_before_it_is_accepted(handoff, sal, amelia):
    one = services.promise(handoff, what="SSO by March", promised_by=sal, by=sal, at=now())
    ready = services.submit(completed(handoff, by=sal), by=sal, at=now())
    assert "SSO by March" in refused(services.accept, ready, by=amelia)
    assert "sentence" in refused(services.judge, one, verdict="cannot_keep", by=amelia)
    assert "receiving side" in refused(services.judge, one, verdict="can_keep", by=sal)
    services.judge(one, verdict="needs_product", note="On the roadmap for May", by=amelia, at=now())
    assert services.accept(ready, by=amelia, at=now()).state == "accepted"
    assert Promise.objects.get().verdict == "needs_product"


def test_a_bad_fit_needs_a_leader(handoff, sal, amelia):
    lea = person("lea", role="leader", group=None)
    assert "nothing to sign off" in refused(services.sign_fit, handoff, note="Strategic", by=lea)
    fits_badly(handoff)
    assert checklist(handoff).is_bad_fit
    assert checklist(handoff).line("fit_note").blocks
    ready = services.submit(completed(handoff, by=sal), by=sal, at=now())
    assert subjects(lea) == ["Fits badly, wants your signature: Sales to CS, Northwind"]
    assert "a leader has to sign it off" in refused(services.accept, ready, by=amelia)
    assert "Only a leader" in refused(services.sign_fit, ready, note="Strategic", by=amelia)
    services.sign_fit(ready, note="Strategic", by=lea, at=now())
    assert "Bad fit signed off: Sales to CS, Northwind" in subjects(amelia)
    assert "Lea Tester signed it off already: Strategic" in refused(services.sign_fit, ready, note="Again", by=lea)
    assert services.accept(ready, by=amelia, at=now()).fit_signed_by == lea


def test_where_nobody_receives_it_those_hear_who_can_give_it_to_somebody(handoff, sal, amelia):
    lea, mona = person("lea", role="leader", group=None), person("mona", role="cs_manager", group=amelia.team)
    Handoff.objects.filter(pk=handoff.pk).update(receiver=None)
    services.submit(completed(handoff, by=sal), by=sal, at=now())
    assert subjects(mona) == ["Nobody is there to accept it: Sales to CS, Northwind"]
    assert subjects(lea) == []
    turn = Handoff.objects.get(pk=handoff.pk).work
    assert told(turn, Clock.Level.BREACHED) == [mona]
    mona.is_active = False
    mona.save()
    assert told(turn, Clock.Level.BREACHED) == [lea]


def test_waiting_for_the_customer_stops_the_clock_and_not_the_promise(handoff, sal):
    promised = dict(handoff.promised)
    services.wait(handoff, reason="customer", by=sal, at=now())
    handoff.work.refresh_from_db()
    assert handoff.work.is_waiting
    services.go_on(handoff, by=sal, at=now() + dt.timedelta(days=3))
    fresh = Handoff.objects.get(pk=handoff.pk)
    assert fresh.work.due_at > handoff.work.due_at
    assert fresh.work.clock.promised_at == handoff.work.clock.promised_at
    assert fresh.promised == promised


def test_two_who_save_at_once_are_both_told(handoff, sal, amelia):
    one = item(handoff, "use_cases")
    services.save(handoff, one, "Reports", revision=0, by=amelia, at=now())
    with pytest.raises(services.Stale) as told:
        services.save(handoff, one, "Alerts", revision=0, by=sal, at=now())
    assert told.value.theirs.text == "Reports"
    assert services.save(handoff, one, "Alerts", revision=1, by=sal, at=now()).revision == 2


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("usage_target", "many", "a number"),
        ("usage_target", True, "a number"),
        ("usage_target", "NaN", "a number"),
        ("usage_target", "1e20", "a number"),
        ("go_live", "soon", "a day"),
        ("go_live", "0201-01-01", ""),
        ("champion", "Lena", "Choose somebody"),
        ("champion", {"phone": "1"}, "Unknown: phone"),
        ("sow", "a.pdf", "Send a file"),
        ("sow", ContentFile(b"", name="a.pdf"), "must hold something"),
        ("promises_made", "none", "yes or no"),
        ("use_cases", 7, "Expected text"),
    ],
)
def test_evidence_of_another_kind_is_refused(handoff, key, value, said):
    assert said in refused(services.save, handoff, item(handoff, key), value, revision=0, by=None)
    assert not handoff.answers.filter(item__key=key).exists()


def test_a_person_is_picked_or_added_and_gets_the_role(handoff):
    lena = stakeholders.add(handoff.account, name="Lena Ortiz", roles=["finance"], by=None, at=now())
    answered(handoff, "champion", lena)
    assert {row.role for row in lena.roles.all()} == {"finance", "champion"}
    added = answered(handoff, "admin", {"name": "Tom Ames", "email": "tom@northwind.example"})
    assert added.stakeholder.account == handoff.account
    assert [row.role for row in added.stakeholder.roles.all()] == ["admin"]


def test_a_person_of_another_account_is_refused(handoff):
    elsewhere = portfolio.create(name="Contoso", by=None, at=now())
    stranger = stakeholders.add(elsewhere, name="Lena Ortiz", by=None, at=now())
    assert "Choose somebody of" in refused(
        services.save, handoff, item(handoff, "champion"), stranger, revision=0, by=None
    )


def test_handing_it_to_a_colleague_takes_the_work_along(handoff, sal, east, amelia):
    dora = person("dora", role="ae", group=east)
    fresh = services.hand_to(handoff, giver=dora, by=None, at=now())
    assert (fresh.giver, fresh.work.assignee) == (dora, dora)
    assert "same person" in refused(services.hand_to, fresh, giver=amelia, by=None)


def test_whoever_is_given_the_work_is_the_side(account, sal, east):
    from accounts.events import services as events

    handoff = of(won(account, sal))
    dora = person("dora", role="ae", group=east)
    work.reassign(handoff.work, to=dora, by=sal, at=now())
    events.react()
    assert of(handoff.deal).giver == dora


def test_a_promise_and_the_word_that_none_was_made_do_not_stand_together(handoff, sal):
    answered(handoff, "promises_made", True, by=sal)
    services.promise(handoff, what="SSO by March", by=sal, at=now())
    line = checklist(handoff).line("promises_made")
    assert (line.is_done, line.answer.flag) == (True, None)
    assert "Strike them first" in refused(services.save, handoff, line.item, True, revision=line.revision, by=sal)
    services.take_back(handoff.promises.get(), by=sal, at=now())
    assert not checklist(handoff).line("promises_made").is_done
