"""After a new key for secrets, all of them are sealed under it with one command."""

import pytest
from django.core.management import call_command

from accounts.foundation.models import AuditEntry
from accounts.foundation.sealing import seal, unseal
from accounts.outbox.models import WebhookEndpoint
from tests.factories.accounts import WebhookEndpointFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def endpoint(settings):
    settings.SECRETS_KEYS = ["old"]
    return WebhookEndpointFactory(name="Warehouse", secret=seal("one"), previous_secret=seal("zero"))


def test_an_earlier_key_can_go_when_all_is_sealed_again(endpoint, settings, capsys):
    settings.SECRETS_KEYS = ["new", "old"]
    call_command("secrets", "reseal")
    settings.SECRETS_KEYS = ["new"]
    row = WebhookEndpoint.objects.get()
    assert (unseal(row.secret), unseal(row.previous_secret)) == ("one", "zero")
    assert "2 secrets" in capsys.readouterr().out
    entry = AuditEntry.objects.get(verb="webhook.reseal")
    assert row.secret not in str(entry.after)


def test_what_cannot_be_read_is_named_and_left_alone(endpoint, settings, capsys):
    settings.SECRETS_KEYS = ["new"]
    with pytest.raises(SystemExit):
        call_command("secrets", "reseal")
    assert "the secret of Warehouse cannot be read" in capsys.readouterr().err
    assert WebhookEndpoint.objects.get().secret == endpoint.secret
