"""E-mail through the server that EMAIL_URL names. A mail server cannot be asked again: nothing is sent twice."""

import contextlib
import datetime as dt
import hashlib
import smtplib

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

from accounts.foundation.claims import Permanent
from accounts.outbox.models import Delivery
from accounts.outbox.registry import Gate, Held, NotSent, Promise, Transport, Verdict, ask_again, gates, transports

LATER = dt.timedelta(minutes=15)


def _address(delivery: Delivery) -> str:
    person = delivery.user or delivery.stakeholder
    return person.email if person else ""


def message_id(delivery: Delivery) -> str:
    """The Message-ID of a delivery, the same however often it is sent."""
    name = hashlib.sha256(f"{delivery.pk}:{delivery.key}:{delivery.created_at.isoformat()}".encode()).hexdigest()[:32]
    return f"<{name}@{settings.DEFAULT_FROM_EMAIL.rpartition('@')[2].strip('>') or 'localhost'}>"


def _send(delivery: Delivery, at: dt.datetime) -> str:
    connection = get_connection()
    try:
        connection.open()
    except Exception as error:
        if getattr(error, "smtp_code", 0) // 100 == 5:
            raise Permanent(f"The mail server lets nobody in: {_said(error)}") from error
        raise NotSent(f"The mail server cannot be reached: {_said(error)}") from error
    try:
        mail = EmailMultiAlternatives(
            delivery.body.subject,
            delivery.body.text,
            to=[_address(delivery)],
            connection=connection,
            headers={"Message-ID": message_id(delivery)},
        )
        if delivery.body.html:
            mail.attach_alternative(delivery.body.html, "text/html")
        ask_again(delivery, at)
        _hand_over(mail)
    finally:
        with contextlib.suppress(Exception):  # it was accepted or not; how the line ends changes nothing
            connection.close()
    return "Accepted by the mail server"


def _hand_over(mail: EmailMultiAlternatives) -> None:
    """Whatever the server refuses in words did not arrive; when the line goes dead instead, nobody knows."""
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        refused = f"The mail server refused the recipient: {_said(error)}"
        raise (Permanent(refused) if all(code // 100 == 5 for code in codes) else NotSent(refused)) from error
    except smtplib.SMTPResponseException as error:
        refused = f"The mail server refused the message: {_said(error)}"
        raise (Permanent(refused) if error.smtp_code // 100 == 5 else NotSent(refused)) from error


def _said(error: Exception) -> str:
    """What the server said, without anybody's address."""
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else error.smtp_error
        return f"{error.smtp_code} {text}"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return ", ".join(
            sorted({f"{code} {text.decode(errors='replace')}" for code, text in error.recipients.values()})
        )
    return str(error) or type(error).__name__


def _is_set_up(delivery: Delivery, at: dt.datetime) -> Verdict | None:
    if delivery.channel != "email" or settings.EMAIL_IS_SET:
        return None
    return Held("No mail server is set up: EMAIL_URL names none.", at + LATER)


transports.add("email", Transport("E-mail", Promise.NEVER_TWICE, _send, _address))
gates.add("mail server", Gate(_is_set_up, order=95))
