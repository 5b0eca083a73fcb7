"""The page Away: everybody sets their own absence, who leads a team sets its people's, nobody another's."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts.foundation.clock import now
from accounts.team import absences
from accounts.team.models import Absence

PAGE = "/admin/accounts/absence/"
DAY = dt.timedelta(days=1)


def day(offset):
    return (timezone.localdate() + offset * DAY).isoformat()


def asked(user, stand_in, **values):
    return {"user": user.pk, "stand_in": stand_in.pk, "first": day(1), "last": day(5)} | values


@pytest.fixture
def signed_in(client, amelia):
    client.force_login(amelia)
    return client


def test_sets_ones_own(signed_in, amelia, carla):
    page = signed_in.post(PAGE, asked(amelia, carla), follow=True)
    absence = Absence.objects.get()
    assert (absence.user, absence.stand_in) == (amelia, carla)
    text = page.content.decode()
    assert "Carla Tester stands in for Amelia Tester" in text
    assert "Cancel absence" in text


def test_says_beside_the_field_what_is_wrong_and_keeps_what_was_typed(signed_in, amelia, carla):
    page = signed_in.post(PAGE, asked(amelia, carla, last=day(-3), first=day(-5)))
    assert page.status_code == 400
    text = page.content.decode()
    assert "This lies in the past" in text
    assert day(-5) in text
    assert not Absence.objects.exists()


def test_somebody_elses_absence_is_no_valid_choice(signed_in, carla, amelia):
    page = signed_in.post(PAGE, asked(carla, amelia))
    assert page.status_code == 400
    assert "Select a valid choice" in page.content.decode()
    assert not Absence.objects.exists()


def test_the_leader_of_a_team_sets_its_peoples(client, bruno, amelia, carla):
    client.force_login(bruno)
    assert client.post(PAGE, asked(amelia, bruno)).status_code == 302
    assert client.post(PAGE, asked(carla, bruno)).status_code == 400
    assert [absence.user for absence in Absence.objects.all()] == [amelia]


def an_absence(user, stand_in):
    at = now()
    return absences.announce(user, stand_in=stand_in, starts_at=at - DAY, ends_at=at + DAY, by=None, at=at)


def test_ends_ones_own_and_nobody_elses(signed_in, client, amelia, carla):
    absence = an_absence(amelia, carla)
    client.force_login(carla)
    assert client.post(f"{PAGE}{absence.pk}/end/").status_code == 404
    assert client.get(f"{PAGE}{absence.pk}/change/").status_code == 404
    client.force_login(amelia)
    assert "I am back" in client.get(PAGE).content.decode()
    client.post(f"{PAGE}{absence.pk}/end/")
    absence.refresh_from_db()
    assert absence.ends_at <= now()


def test_changes_the_stand_in(signed_in, amelia, bruno, carla):
    absence = an_absence(amelia, carla)
    page = signed_in.post(f"{PAGE}{absence.pk}/change/", {"stand_in": bruno.pk}, follow=True)
    assert "Bruno Tester stands in for Amelia Tester" in page.content.decode()
    assert list(Absence.objects.at(now()).values_list("stand_in", flat=True)) == [bruno.pk]


def test_the_home_says_for_whom_one_stands_in_and_that_one_is_away(client, amelia, carla, northwind):
    an_absence(amelia, carla)
    client.force_login(carla)
    assert "You stand in for" in client.get("/admin/").content.decode()
    client.force_login(amelia)
    assert "You are away until" in client.get("/admin/").content.decode()


def test_nobody_away_is_an_invitation(signed_in):
    assert "Nobody is away" in signed_in.get(PAGE).content.decode()


def test_until_when_somebody_is_away_already_is_told_where_the_reader_lives(signed_in, amelia, carla):
    type(amelia).objects.filter(pk=amelia.pk).update(time_zone="Asia/Tokyo")
    assert signed_in.post(PAGE, asked(amelia, carla)).status_code == 302
    told = signed_in.post(PAGE, asked(amelia, carla)).content.decode()
    assert "00:00 JST. End that absence first." in told
