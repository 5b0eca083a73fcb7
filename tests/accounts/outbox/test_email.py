"""E-mail: asked for by the gates at the moment of sending, and never twice."""

import datetime as dt
import smtplib

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from accounts.foundation import claims
from accounts.outbox import sending, services
from accounts.outbox.gates import is_listed
from accounts.outbox.models import Delivery, DeliveryAttempt
from accounts.outbox.registry import Gate, Refused, gates
from accounts.portfolio.models import AccountEvent
from accounts.workspace.models import Workspace
from tests.factories.accounts import AT, DeliveryBodyFactory, StakeholderFactory, UserFactory, WorkspaceFactory

pytestmark = pytest.mark.django_db
MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)


def booked(**values) -> Delivery:
    return DeliveryBodyFactory(**{f"delivery__{name}": value for name, value in values.items()}).delivery


def to_customer(**values) -> Delivery:
    person = StakeholderFactory(email="ada@northwind.example")
    return booked(user=None, stakeholder=person, account=person.account, **values)


def deliver(at=AT) -> Delivery:
    claims.carry_out("deliveries", at=at)
    return Delivery.objects.select_related("body").latest("pk")


@pytest.fixture
def server(monkeypatch):
    """What the mail server does when it is given a message: a list of errors to raise, oldest first."""
    troubles = []

    def send(self, messages):
        if troubles and (trouble := troubles.pop(0)):
            raise trouble
        mail.outbox.extend(messages)
        return len(messages)

    monkeypatch.setattr(EmailBackend, "send_messages", send)
    return troubles


def kinds() -> list[str]:
    return list(AccountEvent.objects.filter(kind__startswith="delivery.").values_list("kind", flat=True))


def test_sends_with_an_id_of_its_own_and_tells_the_timeline(live):
    to_customer()
    row = deliver()
    [message] = mail.outbox
    assert (message.to, message.subject, message.body) == (
        ["ada@northwind.example"],
        "Something happened",
        "Northwind needs a call.",
    )
    assert message.extra_headers["Message-ID"].startswith("<")
    assert (row.state, row.outcome, row.mode, row.body.address) == ("done", "sent", "live", "ada@northwind.example")
    assert [attempt.answer for attempt in row.attempts.all()] == ["Accepted by the mail server"]
    assert kinds() == ["delivery.sent"]


@pytest.mark.parametrize(
    ("mode", "allowed", "to_us", "to_them"),
    [
        ("preview", [], "previewed", "previewed"),
        ("internal", [], "sent", "previewed"),
        ("allowlist", [], "sent", "previewed"),
        ("allowlist", ["ada@northwind.example"], "sent", "sent"),
        ("allowlist", ["Northwind.example"], "sent", "sent"),
        ("live", [], "sent", "sent"),
    ],
)
def test_the_outbound_mode_says_what_leaves(mode, allowed, to_us, to_them):
    WorkspaceFactory(outbound_mode=mode, outbound_allowed=allowed)
    us, them = booked(purpose="play"), to_customer(purpose="play")
    claims.carry_out("deliveries", at=AT)
    for row, outcome in ((us, to_us), (them, to_them)):
        row.refresh_from_db()
        assert (row.state, row.outcome, row.mode) == ("done", outcome, mode)
        assert bool(row.reason) == (outcome == "previewed")
    assert len(mail.outbox) == [to_us, to_them].count("sent")


def test_without_a_workspace_nothing_leaves():
    booked(purpose="play")
    assert deliver().outcome == "previewed"
    assert not Workspace.objects.exists()


def test_the_mode_counts_when_it_is_sent_and_not_when_it_was_booked(live):
    to_customer(purpose="play")
    Workspace.objects.update(outbound_mode="preview")
    assert deliver().outcome == "previewed"
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"email": ""}, "no address"),
        ({"left_at": AT}, "has left"),
    ],
)
def test_who_cannot_be_written_to_is_not(live, change, reason):
    row = to_customer()
    type(row.stakeholder).objects.update(**change)
    row = deliver()
    assert (row.state, row.outcome) == ("done", "refused")
    assert reason in row.reason
    assert kinds() == ["delivery.refused"]
    assert mail.outbox == []


def test_a_gate_of_a_higher_room_is_asked_at_the_moment_of_sending(live, monkeypatch):
    """Whatever is withdrawn between plan and send counts."""
    to_customer()
    monkeypatch.setitem(gates._entries, "consent", Gate(lambda delivery, at: Refused("Consent was withdrawn.")))
    assert deliver().reason == "Consent was withdrawn."
    assert (mail.outbox, DeliveryAttempt.objects.count()) == ([], 0)


def test_without_a_mail_server_it_waits_and_says_why(live, settings):
    settings.EMAIL_IS_SET = False
    booked()
    row = deliver()
    assert (row.state, row.tries, row.next_attempt_at) == ("due", 0, AT + 15 * MINUTE)
    assert "EMAIL_URL" in row.reason
    settings.EMAIL_IS_SET = True
    assert deliver(AT + DAY / 2).outcome == "sent"


@pytest.mark.parametrize(
    "trouble",
    [
        smtplib.SMTPDataError(451, b"try later"),
        smtplib.SMTPSenderRefused(421, b"busy", "x@anchor.example"),
        smtplib.SMTPRecipientsRefused({"a@b.example": (450, b"greylisted")}),
    ],
)
def test_what_the_server_refused_for_now_is_tried_again(live, server, trouble):
    server.append(trouble)
    booked()
    row = deliver()
    assert (row.state, row.outcome, mail.outbox) == ("due", "", [])
    assert deliver(row.next_attempt_at).outcome == "sent"
    assert len(mail.outbox) == 1
    assert row.attempts.count() == 2


def test_a_server_that_cannot_be_reached_is_tried_again(live, monkeypatch):
    monkeypatch.setattr(EmailBackend, "open", lambda self: (_ for _ in ()).throw(ConnectionRefusedError("closed")))
    booked()
    row = deliver()
    assert (row.state, row.outcome) == ("due", "")
    assert "cannot be reached" in row.error


@pytest.mark.parametrize(
    "trouble",
    [smtplib.SMTPDataError(554, b"no"), smtplib.SMTPRecipientsRefused({"a@b.example": (550, b"unknown user")})],
)
def test_what_the_server_refused_for_good_is_given_up(live, server, trouble):
    server.append(trouble)
    to_customer()
    row = deliver()
    assert (row.state, row.outcome) == ("dead", "failed")
    assert "a@b.example" not in row.error
    assert kinds() == ["delivery.failed"]


@pytest.mark.parametrize(
    "trouble", [smtplib.SMTPServerDisconnected("gone"), TimeoutError("timed out"), ConnectionResetError("reset")]
)
def test_when_the_line_goes_dead_a_person_decides(live, server, trouble):
    server.append(trouble)
    to_customer()
    row = deliver()
    assert (row.state, row.outcome, mail.outbox) == ("dead", "unknown", [])
    claims.carry_out("deliveries", at=AT + 30 * DAY)
    assert mail.outbox == []
    assert kinds() == ["delivery.unknown"]


@pytest.mark.parametrize("moment", ["before", "after"])
def test_when_the_worker_dies_a_person_decides(live, server, moment, monkeypatch):
    class Killed(BaseException):
        pass

    def die(*args, **kwargs):
        if moment == "after":
            mail.outbox.append("arrived")
        raise Killed

    to_customer()
    monkeypatch.setattr(EmailBackend, "send_messages", die)
    with pytest.raises(Killed):
        claims.carry_out("deliveries", at=AT)
    Delivery.objects.update(lease_until=None)  # it ran out
    assert deliver(AT + MINUTE).outcome == "unknown"
    assert deliver(AT + DAY).state == "dead"
    assert len(mail.outbox) == (1 if moment == "after" else 0)


def test_a_person_says_that_it_arrived(live, server, boss):
    server.append(TimeoutError())
    row = services.it_arrived((booked(), deliver())[1], by=boss, at=AT)
    assert (row.state, row.outcome, row.receipt) == ("done", "sent", f"{boss} says that it arrived")
    with pytest.raises(services.NothingToDecide):
        services.it_arrived(row, by=boss, at=AT)
    with pytest.raises(services.NothingToDecide, match="not sent again"):
        services.send_again(row, by=boss, at=AT)
    assert mail.outbox == []


def test_a_person_has_it_sent_again(live, server, boss):
    server.append(TimeoutError())
    booked()
    services.send_again(deliver(), by=boss, at=AT)
    row = deliver(AT + 30 * DAY)
    assert (row.state, row.outcome, len(mail.outbox)) == ("done", "sent", 1)


def test_the_page_of_what_was_given_up_sends_it_again_too(live, server, boss):
    server.append(TimeoutError())
    booked()
    claims.retry(deliver(), by=boss, at=AT)
    assert deliver().outcome == "sent"


def test_a_person_leaves_it(live, server, boss):
    server.append(TimeoutError())
    booked()
    row = services.leave_it(deliver(), by=boss, at=AT)
    assert row.state == "discarded"
    with pytest.raises(services.NothingToDecide):
        services.leave_it(row, by=boss, at=AT)


def test_what_waited_too_long_waits_for_a_person(live, boss):
    booked(not_after=AT + DAY)
    row = deliver(AT + 2 * DAY)
    assert (row.state, row.outcome, mail.outbox) == ("dead", "late", [])
    services.send_again(row, by=boss, at=AT + 2 * DAY)
    assert deliver(AT + 3 * DAY).outcome == "sent"


def test_a_worker_whose_lease_ran_out_writes_nothing(live, monkeypatch):
    booked()
    begin = sending.asked

    def overtaken(delivery, at):
        Delivery.objects.update(fence=99)
        return begin(delivery, at)

    monkeypatch.setattr(sending, "asked", overtaken)
    deliver()
    assert (mail.outbox, DeliveryAttempt.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    ("address", "is_so"),
    [("a@b.example", True), ("A@B.EXAMPLE", True), ("x@c.example", True), ("x@sub.c.example", False), ("x@d", False)],
)
def test_lists_hold_addresses_and_domains(address, is_so):
    assert is_listed(address, ["a@b.example", "@c.example"]) is is_so


def test_words_of_a_message_are_not_for_its_headers(live):
    user = UserFactory(email="amelia@anchor.example")
    services.book(
        [services.Message("test", "k", "email", subject="Hi\r\nBcc: all@x.example", text="t", user=user)], at=AT
    )
    assert deliver().outcome == "sent"
    assert mail.outbox[0].subject == "Hi Bcc: all@x.example"
