"""Somebody who was made anew at the provider is let in again once an administrator unlinks them."""

from typing import Any

import pytest
from django.test import Client

from accounts.foundation.models import AuditEntry
from accounts.sign_in.models import Identity
from accounts.team.models import User
from tests.accounts.sign_in.conftest import sign_in
from tests.accounts.sign_in.test_single_sign_on import come, is_in, maya, provider, why
from tests.cast import person

pytestmark = pytest.mark.django_db
__all__ = ["maya", "provider"]
PAGE = "/admin/sign-in/"


def test_unlinking_lets_the_new_subject_in(provider: Any, maya: User) -> None:  # noqa: F811
    root = person("root", role="administrator", group=None)
    come(provider)
    provider.person["sub"] = "u-2"
    client, _ = come(provider)
    assert "unlink them under Settings → Sign-in" in why(client)
    console, _ = sign_in("root")
    assert "Unlink…" in console.get(PAGE).content.decode()
    assert "no longer linked" in console.post(f"{PAGE}{maya.pk}/unlink/", follow=True).content.decode()
    assert AuditEntry.objects.get(verb="identity.unlink").actor_id == root.pk
    assert is_in(come(provider)[0])
    assert Identity.objects.get(user=maya).subject == "u-2"


def test_who_is_not_linked_is_told_so(provider: Any, maya: User) -> None:  # noqa: F811
    person("root", role="administrator", group=None)
    console, _ = sign_in("root")
    assert "is not linked" in console.post(f"{PAGE}{maya.pk}/unlink/", follow=True).content.decode()


def test_nobody_else_unlinks_and_a_superuser_is_unlinked_by_a_superuser(provider: Any, maya: User) -> None:  # noqa: F811
    person("root", role="administrator", group=None)
    come(provider)
    client, _ = sign_in("maya")
    assert client.post(f"{PAGE}{maya.pk}/unlink/").status_code == 403
    User.objects.filter(pk=maya.pk).update(is_superuser=True)
    console, _ = sign_in("root")
    assert "Only a superuser" in console.post(f"{PAGE}{maya.pk}/unlink/", follow=True).content.decode()
    assert Identity.objects.filter(user=maya).exists()


def test_who_is_refused_by_the_provider_is_told_so(provider: Any, maya: User) -> None:  # noqa: F811
    client = Client()
    to = client.get("/admin/login/sso/")["Location"]
    state = to.split("state=")[1].split("&")[0]
    client.get(f"/admin/login/sso/back/?error=access_denied&state={state}")
    assert "did not let you in here" in why(client)
