"""The gates of the outbox itself. Higher rooms add theirs: consent, suppression, budgets."""

import datetime as dt

from accounts.outbox.models import Delivery, WebhookEndpoint
from accounts.outbox.registry import Gate, Held, Previewed, Refused, Verdict, gates, transports
from accounts.outbox.services import NEVER
from accounts.workspace.models import Workspace
from accounts.workspace.queries import workspace

LAST = 90
Mode = Workspace.OutboundMode


def _endpoint(delivery: Delivery, at: dt.datetime) -> Verdict | None:
    endpoint = delivery.endpoint
    if endpoint is None:
        return None
    if endpoint.state == WebhookEndpoint.State.DISABLED:
        return Refused(f"The endpoint is switched off: {endpoint.disabled_reason}")
    if endpoint.state == WebhookEndpoint.State.PAUSED:
        return Held("Somebody paused the endpoint.", at + NEVER)
    is_asked_for = delivery.purpose == "test" or delivery.is_decided_by_a_person
    if endpoint.resting_until and endpoint.resting_until > at and not is_asked_for:
        return Held("The endpoint failed or was slow, and is left alone for a while.", endpoint.resting_until)
    return None


def _address(delivery: Delivery, at: dt.datetime) -> Verdict | None:
    if delivery.user and not delivery.user.is_active:
        return Refused("The recipient no longer works here.")
    if delivery.stakeholder and delivery.stakeholder.left_at:
        return Refused("The recipient has left the customer.")
    if not hasattr(delivery, "body"):
        return Refused("Its words are no longer kept.")
    if not transports[delivery.channel].address(delivery):
        return Refused("The recipient has no address for this channel.")
    return None


def _mode(delivery: Delivery, at: dt.datetime) -> Verdict | None:
    """Asked last, so that a preview shows what the other gates would have said."""
    here = workspace()
    return kept_by(here.outbound_mode, here.outbound_allowed, delivery)


def kept_by(mode: str, allowed: list[str], delivery: Delivery) -> Previewed | None:
    """Whether an outbound mode keeps a delivery here.

    Our own people and the systems that an administrator connected count as ours. A test is what somebody asked for
    just now, so it leaves in every mode.
    """
    if mode == Mode.LIVE or delivery.purpose == "test" or transports[delivery.channel].is_here:
        return None
    if mode == Mode.PREVIEW:
        return Previewed("The installation is in preview: nothing leaves.")
    if delivery.stakeholder is None:
        return None
    if mode != Mode.ALLOWLIST:
        return Previewed("The installation sends to our own people and systems only.")
    if is_listed(transports[delivery.channel].address(delivery), allowed):
        return None
    return Previewed("The recipient is not on the allow-list.")


def is_listed(address: str, allowed: list[str]) -> bool:
    """Whether an address, or its domain, is among those listed."""
    plain = address.lower()
    domain = plain.rpartition("@")[2]
    return any(entry.lower().removeprefix("@") in (plain, domain) for entry in allowed)


gates.add("endpoint", Gate(_endpoint, order=10))
gates.add("recipient", Gate(_address, order=20))
gates.add("outbound mode", Gate(_mode, order=LAST))
