"""Where a request comes from is what we saw, or what a proxy of ours saw."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import RequestFactory

from accounts.throttling.addresses import address_of
from config.env import networks


@pytest.mark.parametrize(
    ("trusted", "connected", "forwarded", "address"),
    [
        ([], "203.0.113.9", None, "203.0.113.9"),
        ([], "203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ([], "127.0.0.1", "198.51.100.1", "127.0.0.1"),
        (["127.0.0.1"], "127.0.0.1", "198.51.100.1", "198.51.100.1"),
        (["127.0.0.1"], "127.0.0.1", "8.8.8.8, 198.51.100.1", "198.51.100.1"),
        (["127.0.0.1", "10.0.0.0/8"], "127.0.0.1", "8.8.8.8, 198.51.100.1, 10.1.2.3", "198.51.100.1"),
        (["127.0.0.1"], "203.0.113.9", "8.8.8.8", "203.0.113.9"),
        (["127.0.0.1"], "127.0.0.1", None, "127.0.0.1"),
        (["127.0.0.1"], "127.0.0.1", "", "127.0.0.1"),
        (["127.0.0.1"], "127.0.0.1", "nonsense", "nonsense"),
        (["::1"], "::1", "2001:db8::7", "2001:db8::7"),
    ],
)
def test_only_what_a_trusted_proxy_added_counts(settings, trusted, connected, forwarded, address):
    settings.TRUSTED_PROXIES = trusted
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}
    assert address_of(RequestFactory(REMOTE_ADDR=connected).get("/", headers=headers)) == address


def test_proxies_are_read_from_the_environment(monkeypatch):
    monkeypatch.setenv("TRUSTED_PROXIES", "127.0.0.1, 10.0.0.0/8")
    assert networks("TRUSTED_PROXIES") == ["127.0.0.1", "10.0.0.0/8"]
    monkeypatch.setenv("TRUSTED_PROXIES", "proxy.local")
    with pytest.raises(ImproperlyConfigured, match=r"TRUSTED_PROXIES.*proxy\.local.*127\.0\.0\.1"):
        networks("TRUSTED_PROXIES")
    monkeypatch.delenv("TRUSTED_PROXIES")
    assert networks("TRUSTED_PROXIES") == []
