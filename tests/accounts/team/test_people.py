"""Our own people: nobody gives more than they have or locks everybody out, and who leaves leaves nothing behind."""

import datetime as dt

import pytest
from django.core import mail
from django.core.exceptions import ValidationError

from accounts.deals import services as deals
from accounts.foundation.clock import now
from accounts.foundation.models import AuditEntry
from accounts.portfolio import services as portfolio
from accounts.team import absences, keys, leaving, links, people
from accounts.team import services as team
from accounts.team.models import Absence, ApiKey, Role, User
from accounts.workspace import services as workspace
from retention.work import services as work
from tests import trail
from tests.cast import person

DAY = dt.timedelta(days=1)


@pytest.fixture
def ines(starter):
    return person("ines", role="administrator", group=None)


def role(key: str) -> Role:
    return Role.objects.get(key=key)


def invited(by, **values) -> User:
    given = {"first_name": "Ada", "last_name": "Lovelace", "email": "ada@anchor.example", "role": role("csm")}
    return people.invite(by=by, at=now(), **(given | values))


def refusal(verb, *args, **values) -> str:
    with pytest.raises(ValidationError) as refused:
        verb(*args, at=now(), **values)
    return " ".join(refused.value.messages)


def nothing(user) -> dict[str, None]:
    return dict.fromkeys(leaving.plan_leaving(user, at=now()).counts)


def test_whoever_is_invited_gets_a_name_and_no_password(ines):
    user = invited(ines, function="Onboarding")
    assert (user.username, user.function, user.is_staff) == ("ada", "Onboarding", True)
    assert not user.has_usable_password()
    assert invited(ines, email="ada@elsewhere.example").username.startswith("ada-")


def test_an_address_belongs_to_one_person(ines):
    invited(ines)
    assert "works here already" in refusal(people.invite, email="ADA@anchor.example", role=role("csm"), by=ines)
    leaving.deactivate(User.objects.get(username="ada"), heirs={}, by=ines, at=now())
    assert "take them back" in refusal(people.invite, email="ada@anchor.example", role=role("csm"), by=ines)


def test_nobody_gives_a_role_that_may_do_more_than_theirs(olga, amelia):
    give = {"email": "x@anchor.example", "first_name": "X", "last_name": "", "role": role("administrator")}
    assert "more than your own" in refusal(people.invite, by=olga, **give)
    assert "more than your own" in refusal(people.change_user, amelia, role=role("administrator"), by=olga)
    amelia.refresh_from_db()
    assert amelia.role.key == "csm"


def test_nobody_decides_about_somebody_who_may_do_more(olga, ines):
    for verb, values in (
        (people.change_user, {"email": "olga@anchor.example"}),
        (links.make, {}),
        (leaving.deactivate, {"heirs": {}}),
        (team.move, {"team": team.form_team(name="North", by=None, at=now())}),
    ):
        assert "may do more than you" in refusal(verb, ines, by=olga, **values)
    root = User.objects.create_superuser("root", "root@anchor.example", "x")
    assert "may do more than you" in refusal(links.make, root, by=ines)


def test_nobody_changes_their_own_role_or_deactivates_themselves(ines):
    person("other", role="administrator", group=None)
    assert "own role" in refusal(people.change_user, ines, role=role("csm"), by=ines)
    assert "themselves" in refusal(leaving.deactivate, ines, heirs={}, by=ines)
    assert people.change_user(ines, first_name="Inez", by=ines, at=now()).first_name == "Inez"


def test_the_last_administrator_stays(ines):
    assert "only administrator" in refusal(leaving.deactivate, ines, heirs={}, by=None)
    assert "only administrator" in refusal(people.change_user, ines, role=role("csm"), by=None)
    person("other", role="administrator", group=None)
    leaving.deactivate(ines, heirs={}, by=None, at=now())


def test_a_change_of_role_stands_in_the_trail(ines, amelia):
    trail.forget()
    people.change_user(amelia, role=role("ae"), by=ines, at=now())
    entry = AuditEntry.objects.get()
    assert (entry.verb, entry.actor_id, entry.object_id) == ("user.change", ines.pk, str(amelia.pk))
    assert (entry.before, entry.after) == ({"role": role("csm").pk}, {"role": role("ae").pk})


def test_a_link_sets_a_password_once(ines, client):
    user = invited(ines)
    link = links.make(user, by=ines, at=now()).partition("8000")[2]
    assert "your user name is" in client.get(link).content.decode()
    assert client.post(link, {"password": "12345678", "again": "12345678"}).status_code == 400
    assert client.post(link, {"password": "green-apple-9", "again": "green-apple-8"}).status_code == 400
    good = {"password": "green-apple-9", "again": "green-apple-9"}
    assert client.post(link, good).status_code == 302
    assert client.login(username="ada", password="green-apple-9")
    assert client.get(link).status_code == client.post(link, good).status_code == 410


@pytest.mark.parametrize("path", ["MQ/x-y", "!!/abc", "OTk5OTk5OTk5OTk5OTk5OTk5OTk/x-y", "MQ/%00"])
def test_what_is_no_link_of_ours_is_told_so(db, client, path):
    answer = client.get(f"/admin/link/{path}/")
    assert answer.status_code in (404, 410)


def test_a_link_is_good_for_three_days_and_for_who_is_here(ines, settings):
    user = invited(ines)
    link = links.make(user, by=ines, at=now())
    name, token = link.rstrip("/").split("/")[-2:]
    settings.PASSWORD_RESET_TIMEOUT = -1
    with pytest.raises(links.LinkOver):
        links.user_of(name, token)
    settings.PASSWORD_RESET_TIMEOUT = 60
    assert links.user_of(name, token) == user
    leaving.deactivate(user, heirs={}, by=ines, at=now())
    with pytest.raises(links.LinkOver):
        links.user_of(name, token)
    assert "no longer works here" in refusal(links.make, User.objects.get(pk=user.pk), by=ines)


def test_a_new_password_ends_every_session(amelia, ines, client):
    client.force_login(amelia)
    people.set_password(amelia, password="green-apple-9", by=amelia, at=now())
    assert client.get("/admin/").status_code == 302


def test_a_link_is_mailed_where_mail_may_go_to_our_people(ines):
    user = invited(ines)
    assert not links.mailed(user, "https://x/1", by=ines, at=now()), "the installation is in preview"
    workspace.set_outbound(mode="internal", allowed=[], by=None, at=now())
    assert links.mailed(user, "https://x/1", by=ines, at=now())
    [message] = mail.outbox
    assert message.to == ["ada@anchor.example"]
    assert "https://x/1" in message.body
    assert "user name is ada" in message.body


@pytest.fixture
def laden(northwind, amelia, east, bruno):
    """Amelia with something of every kind."""
    at = now()
    item = work.open_item(northwind, title="Call", due_at=at, assignee=amelia, by=None, at=at)
    work.close(
        work.open_item(northwind, title="Old", due_at=at, assignee=amelia, by=None, at=at),
        outcome="done",
        by=amelia,
        at=at,
    )
    deal = deals.enter(northwind, name="Seats", owner=amelia, amount_minor=100, by=None, at=at)
    team.lead_team(east, manager=amelia, by=None, at=at)
    ethan = person("ethan", role="csm", group=east)
    absences.announce(ethan, stand_in=amelia, starts_at=at + DAY, ends_at=at + 3 * DAY, by=None, at=at)
    absences.announce(amelia, stand_in=bruno, starts_at=at + 9 * DAY, ends_at=at + 12 * DAY, by=None, at=at)
    return {"work": item, "deal": deal}


def test_who_leaves_hands_over_everything(laden, amelia, bruno, ines, northwind, east, client):
    client.force_login(amelia)
    _, text = keys.issue(name="Warehouse", scope="read", by=amelia, at=now())
    plan = leaving.plan_leaving(amelia, at=now())
    assert plan.counts == {"teams": 1, "stand_ins": 1, "accounts": 1, "deals": 1, "work": 1}
    assert ([key.name for key in plan.known_keys], plan.absences) == (["Warehouse"], 1)
    leaving.deactivate(amelia, heirs=dict.fromkeys(plan.counts, bruno), by=ines, at=now(), and_keys=True)
    for row in laden.values():
        row.refresh_from_db()
    east.refresh_from_db()
    assert laden["work"].assignee == laden["deal"].owner == east.manager == bruno
    assert northwind.members.get().user == bruno
    assert {absence.stand_in for absence in Absence.objects.all()} == {bruno}
    assert not leaving.plan_leaving(User.objects.get(pk=amelia.pk), at=now()).counts
    assert client.get("/admin/").status_code == 302
    assert keys.look_up(text, at=now()) is keys.Refusal.REVOKED
    assert not client.login(username="amelia", password="amelia-pass-1")


def test_sessions_of_before_do_not_come_back_with_them(amelia, ines, client):
    client.force_login(amelia)
    leaving.deactivate(amelia, heirs={}, by=ines, at=now())
    back = leaving.reactivate(amelia, by=ines, at=now())
    assert back.is_active
    assert not back.has_usable_password()
    assert client.get("/admin/").status_code == 302


def test_nothing_happens_before_everything_has_an_heir(laden, amelia, bruno, ines, northwind):
    trail.forget()
    viewer = person("lea", role="leader", group=None)
    heirs = dict.fromkeys(("accounts", "deals", "stand_ins"), bruno) | {"teams": None}
    assert "open work items (1)" in refusal(leaving.deactivate, amelia, heirs=heirs, by=ines)
    trail.forget()
    assert "does not let them" in refusal(leaving.deactivate, amelia, heirs=heirs | {"work": viewer}, by=ines)
    assert "not here" in refusal(leaving.deactivate, amelia, heirs=heirs | {"work": amelia}, by=ines)
    assert "stand in" in refusal(leaving.deactivate, amelia, heirs=heirs | {"work": None, "stand_ins": None}, by=ines)
    amelia.refresh_from_db()
    assert amelia.is_active
    assert northwind.members.get().user == amelia
    assert not AuditEntry.objects.exists()


def test_what_needs_nobody_may_be_nobodys(laden, amelia, bruno, ines, northwind):
    leaving.deactivate(amelia, heirs=nothing(amelia) | {"stand_ins": bruno}, by=ines, at=now())
    assert not northwind.members.exists()
    laden["work"].refresh_from_db()
    assert laden["work"].assignee is None


def test_keys_that_act_as_somebody_end_with_them(amelia, ines):
    key, text = keys.issue(name="Own", scope="read", by=ines, at=now())
    ApiKey.objects.filter(pk=key.pk).update(user=amelia)
    leaving.deactivate(amelia, heirs={}, by=ines, at=now())
    assert keys.look_up(text, at=now()) is keys.Refusal.REVOKED


def test_a_team_has_a_name_of_its_own_and_people_are_on_one_team(east, west, amelia, carla, ines):
    assert "There is a team called East" in refusal(team.form_team, name="east", by=ines)
    assert "There is a team called East" in refusal(team.rename_team, west, name="East", by=ines)
    team.set_members(east, members=[carla], by=ines, at=now())
    assert set(east.members.all()) == {carla}
    amelia.refresh_from_db()
    assert amelia.team is None
    renamed = team.rename_team(west, name="Far West", by=ines, at=now())
    assert (renamed.name, renamed.key) == ("Far West", "west")


def test_somebody_who_left_gets_nothing(amelia, carla, east, ines, northwind):
    leaving.deactivate(carla, heirs={}, by=ines, at=now())
    carla.refresh_from_db()
    assert "no longer works here" in refusal(team.lead_team, east, manager=carla, by=ines)
    assert "no longer works here" in refusal(team.set_members, east, members=[carla], by=ines)
    assert "no longer works here" in refusal(portfolio.assign, northwind, part="csm", user=carla, by=ines)


def test_every_reference_to_a_user_is_history_or_is_handed_over():
    """A new kind of row that somebody looks after registers a belonging, or stands here with its reason."""
    handed_over = {
        *("Team.manager", "Absence.stand_in", "AccountMember.user", "Deal.owner", "WorkItem.assignee", "Risk.owner"),
        *("Handoff.giver", "Handoff.receiver", "PlanObjective.our_owner", "PlanTask.our_owner", "OfficeHours.host"),
    }
    ends = {"Absence.user", "ApiKey.user"}
    tells_of_the_past = {
        *("AccountEvent.actor", "PersonRequest.by", "BusinessReview.planned_by", "NextStep.set_by", "Pulse.set_by"),
        *("SurveyResponse.loop_closed_by", "Touch.logged_by", "TouchAttendee.user", "WorkItem.closed_by"),
        *("Incident.closed_by", "LifecycleVersion.published_by", "Decision.by", "PlayVersion.published_by"),
        *("DimensionVersion.published_by", "HealthModelVersion.published_by", "ContractProposal.decided_by"),
        *("HealthOverride.made_by", "HealthOverride.ended_by", "StagePlacement.placed_by"),  # they end by themselves
        "Pause.by",  # who stopped the clock; the work it is for is handed over
        *("WorkComment.author", "WorkTime.user"),
        *("Risk.raised_by", "Risk.closed_by", "RiskRemedy.done_by", "RiskReview.by", "RiskModelVersion.published_by"),
        "CoveragePolicyVersion.published_by",
        *("Handoff.submitted_by", "Handoff.accepted_by", "Handoff.fit_signed_by", "HandoffVersion.published_by"),
        *("HandoffFile.uploaded_by", "Answer.changed_by", "ItemReturn.by", "Promise.promised_by", "Promise.judged_by"),
        *("PlanObjective.closed_by", "PlanTask.done_by", "PlanTemplateVersion.published_by", "PlanLink.made_by"),
        *("AccountMilestone.noted_by", "ProspectLink.made_by"),
        "Delivery.user",  # not sent any more: the gate asks whether they are here
    }
    theirs_alone = {
        *("SavedFilter.user", "NoticeChoice.user", "Digest.user"),
        "CalendarFeed.user",  # nobody reads the calendar of who left
        *("SecondFactor.user", "Identity.user"),  # nobody who left is let in, whatever they show
    }
    found = {
        f"{relation.related_model.__name__}.{relation.field.name}"
        for relation in User._meta.get_fields(include_hidden=True)
        if (relation.one_to_many or relation.one_to_one)
        and relation.related_model.__module__.startswith(("accounts", "content", "retention", "plays", "config"))
    }
    auth = {"User_groups.user", "User_user_permissions.user"}
    assert found - auth == handed_over | ends | tells_of_the_past | theirs_alone
