"""Passwords: hashed with argon2id (RFC 9106), checked in a time that does not tell whether the account exists."""

from __future__ import annotations

from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from workflows.errors import Invalid, Problem

SHORTEST = 10
LONGEST = 200
"""In characters. The upper bound keeps a hostile post from costing us minutes of hashing."""

_hasher = PasswordHasher()  # the library's defaults are RFC 9106's second recommended option: 64 MiB, 3 passes, 4 lanes


def hashed(password: str) -> str:
    """The stored form of a password: algorithm, parameters, salt and hash in one text."""
    return _hasher.hash(password)


def fits(stored: str | None, password: str) -> bool:
    """Whether `password` is the one that was stored.

    stored: what `hashed` gave, or None for an account without a password or no account at all; then the same work is
    done on a hash that nothing fits, so that the answer takes as long.
    """
    try:
        _hasher.verify(stored or _nobody(), password[:LONGEST])
        return stored is not None
    except (VerificationError, InvalidHashError):
        return False


def outdated(stored: str) -> bool:
    """Whether a stored hash was made with weaker parameters than today's; it is then made anew at the next login."""
    return _hasher.check_needs_rehash(stored)


def require_strong(password: str, login: str) -> None:
    """Refuse what is too short, too long, or the login itself. Raises Invalid at the place "password"."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise Invalid("password.weak", [Problem("password.length", "password", facts={"shortest": SHORTEST})])
    if login.lower() in password.lower() or len(set(password)) < 5:
        raise Invalid("password.weak", [Problem("password.guessable", "password")])


@lru_cache(maxsize=1)
def _nobody() -> str:
    return _hasher.hash("nobody has this password")
