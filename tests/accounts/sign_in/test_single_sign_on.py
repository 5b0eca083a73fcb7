"""Single sign-on lets in whom the provider truly vouches for, and nobody else."""

import datetime as dt
import time
from collections.abc import Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client

from accounts.foundation.clock import now
from accounts.foundation.models import AuditEntry
from accounts.sign_in.models import Identity
from accounts.sign_in.rules import demand
from accounts.team.models import User
from tests.accounts.sign_in.conftest import set_up
from tests.accounts.sign_in.provider import CLIENT, SECRET, Provider, running
from tests.cast import person

pytestmark = pytest.mark.django_db
START, BACK = "/admin/login/sso/", "/admin/login/sso/back/"


@pytest.fixture
def maya(starter: Any) -> User:
    return person("maya", role="csm", group=None)


@pytest.fixture
def provider(settings: Any) -> Iterator[Provider]:
    with running(Provider()) as found:
        settings.OIDC_ISSUER, settings.OIDC_NAME = found.issuer, "Anchor ID"
        settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = CLIENT, SECRET
        settings.OUTBOUND_ALLOW = [found.issuer.removeprefix("http://")]
        yield found


def come(provider: Provider, client: Client | None = None, to: str = "/admin/book/") -> tuple[Client, Any]:
    """Goes there and comes back; the answer to coming back."""
    client = client or Client()
    there = client.get(START, {"next": to})["Location"]
    assert there.startswith(f"{provider.issuer}/authorize?")
    return client, client.get(f"{BACK}?{provider.came(there)}")


def is_in(client: Client) -> bool:
    return client.get("/admin/").status_code == 200


def why(client: Client) -> str:
    return client.get("/admin/login/").content.decode()


def test_the_verified_address_finds_the_user_and_links_them(provider: Provider, maya: User) -> None:
    client, answer = come(provider)
    assert answer["Location"] == "/admin/book/"
    assert is_in(client)
    link = Identity.objects.get()
    assert (link.user, link.issuer, link.subject) == (maya, provider.issuer, "u-1")
    told = dict(AuditEntry.objects.filter(verb__in=("identity.link", "user.sign_in")).values_list("verb", "after"))
    assert told["user.sign_in"] == {"with": "single sign-on"}
    assert "identity.link" in told


def test_the_link_holds_when_the_address_changes(provider: Provider, maya: User) -> None:
    come(provider)
    provider.person["email"] = "maya.married@anchor.example"
    client, _ = come(provider)
    assert is_in(client)
    assert Identity.objects.count() == 1


def test_the_button_is_there_only_where_it_is_set_up(provider: Provider, settings: Any) -> None:
    assert "Sign in with Anchor ID" in why(Client())
    settings.OIDC_ISSUER = ""
    assert "Sign in with" not in why(Client())
    assert Client().get(START).status_code == 404
    assert Client().get(BACK).status_code == 404


@pytest.mark.parametrize("verified", [False, None, "false", 1])
def test_an_address_that_is_not_verified_tells_nobody(provider: Provider, maya: User, verified: Any) -> None:
    provider.person["email_verified"] = verified
    client, _ = come(provider)
    assert not is_in(client)
    assert "does not say that your e-mail address is verified" in why(client)
    assert not Identity.objects.exists()


def test_an_installation_may_trust_the_addresses_of_its_provider(provider: Provider, maya: User, settings: Any) -> None:
    settings.OIDC_TRUST_EMAIL = True
    del provider.person["email_verified"]
    assert is_in(come(provider)[0])


def test_the_address_is_asked_for_where_the_token_lacks_it(provider: Provider, maya: User) -> None:
    provider.info = provider.person
    provider.person = {"sub": "u-1"}
    assert is_in(come(provider)[0])


def test_what_is_told_of_somebody_else_does_not_count(provider: Provider, maya: User) -> None:
    provider.info = provider.person | {"sub": "u-2"}
    provider.person = {"sub": "u-1"}
    assert not is_in(come(provider)[0])


def test_nobody_is_added_unless_a_role_is_named(provider: Provider, maya: User, settings: Any) -> None:
    provider.person |= {"sub": "u-9", "email": "new@anchor.example", "given_name": "Noor", "family_name": "Haddad"}
    client, _ = come(provider)
    assert not is_in(client)
    assert "Ask an administrator to add you" in why(client)
    settings.OIDC_CREATE_ROLE = "csm"
    client, _ = come(provider)
    assert is_in(client)
    added = User.objects.get(email="new@anchor.example")
    assert (added.username, str(added), added.role.key) == ("new", "Noor Haddad", "csm")  # type: ignore[union-attr]
    assert not added.has_usable_password()
    assert AuditEntry.objects.filter(verb="user.add", object_id=str(added.pk)).exists()


def test_a_taken_user_name_gets_a_number(provider: Provider, maya: User, settings: Any) -> None:
    settings.OIDC_CREATE_ROLE = "csm"
    provider.person |= {"sub": "u-9", "email": "maya@elsewhere.example"}
    come(provider)
    assert User.objects.get(email="maya@elsewhere.example").username == "maya2"


def test_a_role_that_does_not_exist_lets_nobody_in(provider: Provider, starter: Any, settings: Any) -> None:
    settings.OIDC_CREATE_ROLE = "nonsense"
    client, _ = come(provider)
    assert "OIDC_CREATE_ROLE names no role" in why(client)


@pytest.mark.parametrize("linked", [True, False])
def test_who_has_left_is_never_let_in_nor_added_again(
    provider: Provider, maya: User, settings: Any, linked: bool
) -> None:
    settings.OIDC_CREATE_ROLE = "csm"
    if linked:
        come(provider)
    User.objects.filter(pk=maya.pk).update(is_active=False)
    client, _ = come(provider)
    assert not is_in(client)
    assert "may not sign in here any more" in why(client)
    assert User.objects.filter(email__iexact="maya@anchor.example").count() == 1


def test_an_address_of_several_people_is_refused(provider: Provider, maya: User) -> None:
    twin = person("twin", role="csm", group=None)
    User.objects.filter(pk=twin.pk).update(email="MAYA@anchor.example")
    client, _ = come(provider)
    assert "Several people here have your e-mail address" in why(client)


def test_a_second_subject_does_not_take_over_a_linked_user(provider: Provider, maya: User) -> None:
    come(provider)
    provider.person["sub"] = "u-2"
    client, _ = come(provider)
    assert not is_in(client)
    assert "linked to your user here" in why(client)


FORGED: dict[str, dict[str, Any]] = {
    "of another issuer": {"iss": "https://evil.example"},
    "without an issuer": {"iss": None},
    "for another client": {"aud": "somebody-else"},
    "for several, and not by us": {"aud": [CLIENT, "somebody-else"]},
    "asked for by another client": {"azp": "somebody-else"},
    "that has run out": {"exp": int(time.time()) - 120},
    "without an end": {"exp": None},
    "of the future": {"iat": int(time.time()) + 3600, "nbf": int(time.time()) + 3600},
    "of another sign-in": {"nonce": "another"},
    "without a nonce": {"nonce": None},
    "of nobody": {"sub": ""},
    "without a subject": {"sub": None},
}


@pytest.mark.parametrize("what", FORGED)
def test_a_token_is_refused(provider: Provider, maya: User, what: str) -> None:
    provider.claims = FORGED[what]
    client, answer = come(provider)
    assert answer["Location"] == "/admin/login/"
    assert not is_in(client)
    assert "Signing in with Anchor ID did not work" in why(client)


def test_a_token_signed_by_somebody_else_is_refused(provider: Provider, maya: User) -> None:
    provider.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert not is_in(come(provider)[0])


@pytest.mark.parametrize("algorithm", ["none", "HS256"])
def test_a_token_that_no_key_pair_signed_is_refused(provider: Provider, maya: User, algorithm: str) -> None:
    provider.algorithm, provider.key = algorithm, SECRET if algorithm == "HS256" else ""
    assert not is_in(come(provider)[0])


def test_a_new_key_of_the_provider_is_fetched(provider: Provider, maya: User) -> None:
    come(provider)
    provider.keys["two"] = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    provider.signs_with = "two"
    assert is_in(come(provider)[0])
    assert provider.asked.count("/keys") == 2
    assert provider.asked.count("/.well-known/openid-configuration") == 1, "it is kept for an hour"


def test_a_provider_that_calls_itself_otherwise_is_not_believed(provider: Provider, maya: User) -> None:
    provider.name = "https://evil.example"
    client = Client()
    assert client.get(START)["Location"] == "/admin/login/"
    assert "did not work" in why(client)


def test_a_provider_that_is_away_is_said(provider: Provider, maya: User, settings: Any) -> None:
    settings.OIDC_ISSUER = "http://127.0.0.1:9"
    client = Client()
    assert client.get(START)["Location"] == "/admin/login/"
    assert "did not work" in why(client)


def test_a_provider_inside_must_be_allowed(provider: Provider, maya: User, settings: Any) -> None:
    settings.OUTBOUND_ALLOW = []
    assert Client().get(START)["Location"] == "/admin/login/"
    assert not provider.asked


@pytest.mark.parametrize("methods", [["client_secret_basic"], ["client_secret_post"]])
def test_the_secret_goes_as_the_provider_wants_it(provider: Provider, maya: User, methods: list[str]) -> None:
    provider.methods = methods
    assert is_in(come(provider)[0])


def test_coming_back_counts_once_and_in_the_window_where_it_began(provider: Provider, maya: User) -> None:
    client = Client()
    query = provider.came(client.get(START)["Location"])
    assert Client().get(f"{BACK}?{query}")["Location"] == "/admin/login/"
    assert client.get(f"{BACK}?{query.replace('state=', 'state=x')}")["Location"] == "/admin/login/"
    assert client.get(f"{BACK}?{query}")["Location"] == "/admin/login/", "the wrong state has used it up"
    assert not is_in(client)


def test_it_ends_after_ten_minutes(provider: Provider, maya: User, time_machine: Any) -> None:
    client = Client()
    query = provider.came(client.get(START)["Location"])
    time_machine.move_to(now() + dt.timedelta(minutes=11))
    assert client.get(f"{BACK}?{query}")["Location"] == "/admin/login/"
    assert "took too long" in why(client)


@pytest.mark.parametrize("query", ["", "state=", "code=x", "error=access_denied", "state=a&state=b&code=%00"])
def test_nonsense_is_answered(provider: Provider, maya: User, query: str) -> None:
    client = Client()
    client.get(START)
    assert client.get(f"{BACK}?{query}")["Location"] == "/admin/login/"


def test_another_issuer_in_the_answer_is_refused(provider: Provider, maya: User) -> None:
    client = Client()
    query = provider.came(client.get(START)["Location"])
    assert client.get(f"{BACK}?{query}&iss=https://evil.example")["Location"] == "/admin/login/"
    assert not is_in(client)


def test_a_refused_exchange_is_answered(provider: Provider, maya: User) -> None:
    provider.refuses = True
    assert come(provider)[1]["Location"] == "/admin/login/"


@pytest.mark.parametrize("to", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_it_leads_to_no_other_site(provider: Provider, maya: User, to: str) -> None:
    assert come(provider, to=to)[1]["Location"] == "/admin/"


def test_who_comes_from_the_provider_has_shown_a_second_step_there(provider: Provider, maya: User) -> None:
    set_up(maya)
    demand(everybody=True, roles=[], by=None, at=now())
    assert is_in(come(provider)[0])


def test_the_token_is_read_with_no_algorithm_of_ours() -> None:
    from accounts.sign_in.oidc import ALGORITHMS

    assert not {"none", "HS256", "HS384", "HS512"} & set(ALGORITHMS)
    assert set(ALGORITHMS) <= set(jwt.algorithms.get_default_algorithms())
