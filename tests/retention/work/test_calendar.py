"""One's due times in a calendar of one's own: a signed address, valid iCalendar, nothing about stakeholders."""

import datetime as dt

import pytest
from django.core import signing
from hypothesis import given
from hypothesis import strategies as st

from accounts.foundation.models import AuditEntry
from retention.work import feeds
from retention.work import services as work
from tests.factories.accounts import AccountFactory, GrantFactory, RoleFactory, UserFactory
from tests.factories.retention import WorkItemFactory

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 3, 4, 10, tzinfo=dt.UTC)


@pytest.fixture
def ana():
    role = RoleFactory()
    GrantFactory(role=role, area="work", reach="own", access="edit")
    return UserFactory(username="ana", time_zone="Europe/Berlin", role=role, is_staff=True)


def path(feed) -> str:
    return "/calendar/" + feeds.address(feed).partition("/calendar/")[2]


def unfolded(content: bytes) -> list[str]:
    return content.decode().replace("\r\n ", "").split("\r\n")


def test_the_calendar_has_an_event_that_ends_when_the_work_is_due(ana, client):
    account = AccountFactory(name="Ümlaut, Söhne; Co")
    item = WorkItemFactory(assignee=ana, account=account, title="Call", due_at=AT, guidance="Ask Sam Poe.")
    WorkItemFactory(assignee=UserFactory(), title="Not hers")
    answer = client.get(path(feeds.renew(ana, by=ana, at=AT)))
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    lines = unfolded(answer.content)
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == 1
    assert "DTEND:20260304T100000Z" in lines
    assert "SUMMARY:Call\\, Ümlaut\\, Söhne\\; Co" in lines
    assert "X-WR-TIMEZONE:Europe/Berlin" in lines
    assert [line for line in lines if line.startswith(f"UID:work-{item.pk}@")]
    assert "Sam" not in answer.content.decode()
    assert "Not hers" not in answer.content.decode()


def test_closed_work_leaves_the_calendar(ana, client):
    work.close(WorkItemFactory(assignee=ana), outcome="done", by=ana, at=AT)
    assert b"VEVENT" not in client.get(path(feeds.renew(ana, by=ana, at=AT))).content


def test_a_revoked_or_renewed_or_forged_address_reads_nothing(ana, client):
    first = path(feeds.renew(ana, by=ana, at=AT))
    second = path(feeds.renew(ana, by=ana, at=AT))
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200
    assert client.get(second.replace("calendar/", "calendar/x")).status_code == 404
    assert feeds.revoke(ana, by=ana, at=AT)
    assert client.get(second).status_code == 404
    assert not feeds.revoke(ana, by=ana, at=AT)
    assert AuditEntry.objects.filter(verb="calendar_feed.revoke").count() == 1


def test_the_address_is_the_same_each_time_it_is_shown_and_earlier_ones_hold(ana, time_machine):
    feed = feeds.renew(ana, by=ana, at=AT)
    shown = path(feed)
    token, earlier = shown.split("/")[2].removesuffix(".ics"), signing.dumps([ana.pk, feed.stamp], salt=feeds.SALT)
    time_machine.move_to(AT + dt.timedelta(days=400))
    assert path(feed) == shown
    assert feeds.of_token(token, at=AT) == feeds.of_token(earlier, at=AT) == feed
    assert feeds.of_token(f"{token}x", at=AT) is feeds.of_token(f"{earlier}x", at=AT) is None


def test_the_secret_of_the_address_stays_out_of_the_trail(ana):
    stamp = feeds.renew(ana, by=ana, at=AT).stamp
    assert stamp not in str(list(AuditEntry.objects.values("before", "after")))


def test_who_left_has_no_calendar(ana, client):
    address = path(feeds.renew(ana, by=ana, at=AT))
    ana.is_active = False
    ana.save()
    assert client.get(address).status_code == 404


def test_a_calendar_that_asks_too_often_is_told_to_wait(ana, client, monkeypatch):
    monkeypatch.setattr(feeds, "RATE", feeds.throttling.Limit("calendar feed", times=2, seconds=3600))
    address = path(feeds.renew(ana, by=ana, at=AT))
    assert [client.get(address).status_code for _ in range(3)] == [200, 200, 429]


@given(line=st.text(min_size=1, max_size=400).filter(lambda text: "\r" not in text and "\n" not in text))
def test_lines_are_folded_within_75_octets_and_lose_nothing(line):
    line = line.encode("utf-8", "ignore").decode()
    folded = feeds.fold(line)
    assert all(len(one) <= feeds.OCTETS for one in folded.removesuffix(b"\r\n").split(b"\r\n"))
    assert folded.replace(b"\r\n ", b"").removesuffix(b"\r\n").decode() == line


@given(value=st.text(max_size=200))
def test_text_holds_no_line_end_and_no_bare_separator(value):
    escaped = feeds.text(value)
    assert "\r" not in escaped
    assert "\n" not in escaped
    bare = escaped.replace("\\\\", "").replace("\\,", "").replace("\\;", "").replace("\\n", "")
    assert not {",", ";", "\\"} & set(bare)
