"""OpenID Connect, as much of it as signing in takes: the code flow with PKCE, and what makes an ID token believed.

Everything goes through the one HTTP client; a provider at a private address must be named in OUTBOUND_ALLOW.
"""

import base64
import hashlib
import json
import secrets
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import jwt
from django.conf import settings
from django.utils.crypto import constant_time_compare

from accounts.outbox import http
from accounts.outbox.http.addresses import Forbidden

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""Signed by a key pair: whoever knows only what we know signs nothing, and what is not signed counts for nothing."""
REQUIRED = ["iss", "sub", "aud", "exp", "iat"]
LEEWAY_S = 60
"""By how much the provider's clock may differ from ours."""
KEPT_S = 3600.0
"""How long a process keeps what the provider says about itself; a key it does not know it asks for at once."""
SCOPE = "openid email profile"


class NotBelieved(RuntimeError):
    """The provider cannot be reached, refused, or said something that does not hold; the text is for the log."""


@dataclass(frozen=True)
class Asked:
    """What was asked of the provider, to be held against what comes back."""

    state: str
    nonce: str
    verifier: str


@dataclass(frozen=True)
class Told:
    """Whom the provider vouches for."""

    issuer: str
    subject: str
    email: str
    is_email_verified: bool
    first_name: str = ""
    last_name: str = ""


def ask() -> Asked:
    """Fresh secrets of one sign-in."""
    return Asked(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48))


def address(asked: Asked, *, back: str) -> str:
    """Where somebody signs in at the provider, who then sends them `back`."""
    challenge = base64.urlsafe_b64encode(hashlib.sha256(asked.verifier.encode()).digest()).rstrip(b"=").decode()
    endpoint = _provider()["authorization_endpoint"]
    query = {
        "response_type": "code",
        "client_id": settings.OIDC_CLIENT_ID,
        "redirect_uri": back,
        "scope": SCOPE,
        "state": asked.state,
        "nonce": asked.nonce,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(query)}"


def redeem(code: str, asked: Asked, *, back: str) -> Told:
    """Whom the provider vouches for, given the code that it sent somebody back with."""
    tokens = _exchange(code, asked, back=back)
    claims = _claims(str(tokens.get("id_token") or ""), nonce=asked.nonce)
    if "email" not in claims and tokens.get("access_token"):
        claims = _user_info(str(tokens["access_token"]), claims) | claims
    email = str(claims.get("email") or "").strip()
    verified = claims.get("email_verified")
    is_verified = verified is True or verified == "true" or settings.OIDC_TRUST_EMAIL
    names = (str(claims.get(name) or "")[:150] for name in ("given_name", "family_name"))
    return Told(settings.OIDC_ISSUER, str(claims["sub"]), email, bool(email and is_verified), *names)


def _exchange(code: str, asked: Asked, *, back: str) -> dict[str, Any]:
    provider = _provider()
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": back,
        "code_verifier": asked.verifier,
        "client_id": settings.OIDC_CLIENT_ID,
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    if "client_secret_basic" in provider.get("token_endpoint_auth_methods_supported", ["client_secret_basic"]):
        pair = f"{quote(settings.OIDC_CLIENT_ID, safe='')}:{quote(settings.OIDC_CLIENT_SECRET, safe='')}"
        headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    else:
        form["client_secret"] = settings.OIDC_CLIENT_SECRET
    return _json("POST", provider["token_endpoint"], content=urlencode(form).encode(), headers=headers)


def _claims(token: str, *, nonce: str) -> dict[str, Any]:
    """The claims of an ID token, if it is signed by the provider, for us, now, and for this very sign-in."""
    try:
        key = _key(jwt.get_unverified_header(token))
        claims = jwt.decode(
            token,
            key,
            algorithms=ALGORITHMS,
            audience=settings.OIDC_CLIENT_ID,
            issuer=settings.OIDC_ISSUER,
            leeway=LEEWAY_S,
            options={"require": REQUIRED},
        )
    except jwt.PyJWTError as error:
        raise NotBelieved(f"The ID token does not hold: {error}") from error
    party = claims.get("azp", settings.OIDC_CLIENT_ID)
    if party != settings.OIDC_CLIENT_ID or ("azp" not in claims and _is_for_several(claims["aud"])):
        raise NotBelieved("The ID token was made for somebody else.")
    if not constant_time_compare(str(claims.get("nonce") or ""), nonce):
        raise NotBelieved("The ID token belongs to another sign-in.")
    if not str(claims["sub"]).strip() or len(str(claims["sub"])) > 255:
        raise NotBelieved("The ID token names nobody.")
    return claims


def _is_for_several(audience: Any) -> bool:
    return isinstance(audience, list) and len(audience) > 1


def _user_info(access_token: str, claims: dict[str, Any]) -> dict[str, Any]:
    """More about the same person, from a provider that leaves it out of the ID token."""
    endpoint = _provider().get("userinfo_endpoint")
    if not endpoint:
        return {}
    found = _json("GET", endpoint, headers={"Authorization": f"Bearer {access_token}", "Accept": "application/json"})
    if found.get("sub") != claims["sub"]:
        raise NotBelieved("The provider told of somebody else than the one who signed in.")
    return found


def _key(header: dict[str, Any]) -> jwt.PyJWK:
    """The key that signed: known, or new since we last asked."""
    for is_fresh in (False, True):
        found = [key for key in _keys(is_fresh=is_fresh) if header.get("kid") in (None, key.key_id)]
        if len(found) == 1:
            return found[0]
    raise NotBelieved("The ID token is signed by no key that the provider publishes.")


_kept: dict[str, tuple[float, dict[str, Any]]] = {}


def _keys(*, is_fresh: bool) -> list[jwt.PyJWK]:
    published = _asked_once(_provider()["jwks_uri"], is_fresh=is_fresh)
    try:
        usable = [key for key in published.get("keys", []) if key.get("use", "sig") == "sig"]
        return [key for key in jwt.PyJWKSet(usable).keys if key.algorithm_name in ALGORITHMS]
    except (jwt.PyJWTError, AttributeError, TypeError) as error:
        raise NotBelieved(f"The provider publishes no usable keys: {error}") from error


def _provider() -> dict[str, Any]:
    """What the provider says about itself; believed only where it calls itself by the configured name."""
    found = _asked_once(f"{settings.OIDC_ISSUER.rstrip('/')}/.well-known/openid-configuration")
    if found.get("issuer") != settings.OIDC_ISSUER:
        raise NotBelieved(
            f"The provider calls itself {found.get('issuer')!r}, and OIDC_ISSUER {settings.OIDC_ISSUER!r}."
        )
    if missing := {"authorization_endpoint", "token_endpoint", "jwks_uri"} - found.keys():
        raise NotBelieved(f"The provider does not say its {', '.join(sorted(missing))}.")
    return found


def _asked_once(url: str, *, is_fresh: bool = False) -> dict[str, Any]:
    at, found = _kept.get(url, (0.0, {}))
    if is_fresh or not found or time.monotonic() - at > KEPT_S:
        found = _json("GET", url, headers={"Accept": "application/json"})
        _kept[url] = (time.monotonic(), found)
    return found


def forget() -> None:
    """Asks the provider anew at the next sign-in."""
    _kept.clear()


def _json(method: str, url: str, **options: Any) -> dict[str, Any]:
    try:
        answer = http.send(method, url, **options)
    except (http.Unreachable, http.Unanswered, Forbidden, OSError) as error:
        raise NotBelieved(f"The provider cannot be reached: {error}") from error
    if not answer.is_good:
        raise NotBelieved(f"The provider answered {answer.status} at {url.partition('?')[0]}.")
    try:
        found = json.loads(answer.body)
    except ValueError as error:
        raise NotBelieved("The provider did not answer with JSON.") from error
    if not isinstance(found, dict):
        raise NotBelieved("The provider answered with something else than a JSON object.")
    return found
