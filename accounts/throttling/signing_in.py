"""How often somebody may try to sign in."""

import ipaddress

from accounts.throttling import services
from accounts.throttling.services import Limit

MINUTES = 15
TRIES = Limit("sign-in", 10, MINUTES * 60)
"""Of one account from one address: a password is guessed no faster, and nobody elsewhere is locked out by it."""
FROM_ONE_ADDRESS = Limit("sign-in from an address", 300, MINUTES * 60)
"""Of all accounts together: one common password tried on everybody."""


CODES = Limit("second step", 10, MINUTES * 60)
"""Of one user from anywhere: who comes so far knows the password, and a code has but a million values."""


def tried(username: str, address: str) -> str:
    """Counts a try before the password is looked at, so that a hundred at once are no way around; who it was."""
    if not _is_of_this_host(address):
        services.demand(FROM_ONE_ADDRESS, address)
    who = f"{username.casefold()} {address}"
    services.demand(TRIES, who)
    return who


def came(address: str) -> None:
    """Counts somebody who starts single sign-on, which costs a row and perhaps a call to the provider."""
    if not _is_of_this_host(address):
        services.demand(FROM_ONE_ADDRESS, address)


def succeeded(who: str) -> None:
    """Forgets the tries of somebody who then knew the password."""
    services.forgive(TRIES, who)


def _is_of_this_host(address: str) -> bool:
    """Whether everybody may share this address: a proxy that TRUSTED_PROXIES does not name stands there."""
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return True


def tried_code(user_id: int) -> str:
    """Counts a try at the second step, before the code is looked at; who it was."""
    who = f"user {user_id}"
    services.demand(CODES, who)
    return who


def code_was_right(who: str) -> None:
    """Forgets the tries of somebody who then showed the right code."""
    services.forgive(CODES, who)


def begin_codes_anew(user_id: int) -> None:
    """Forgets the tries of somebody whose second step was reset: the next one has other codes."""
    services.forgive(CODES, f"user {user_id}")
