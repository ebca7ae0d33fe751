"""Passwords: how they are kept, and which ones are refused."""

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

# RFC 9106 §4, second recommended option: 64 MiB, three passes.
hasher = PasswordHasher(time_cost=3, memory_cost=65536, parallelism=1)

SHORTEST = 12
LONGEST = 200
# The most used long passwords, and the stems that people lengthen with digits and signs (from public lists of leaks).
COMMON = frozenset(
    {
        *("123456789012", "1234567890123", "12345678910111213", "123123123123", "qwertyuiop12", "qwertyuiopasdf"),
        *("qwertyuiopasdfghjkl", "1q2w3e4r5t6y", "1qaz2wsx3edc", "1qaz2wsx3edc4rfv", "zaq12wsxcde3", "q1w2e3r4t5y6"),
        *("asdfghjklzxcvbnm", "zxcvbnmasdfghjkl", "passwordpassword", "password1password", "iloveyouiloveyou"),
        *("iloveyousomuch", "mynameisjohn", "trustnoone123", "correcthorsebatterystaple", "thisismypassword"),
        *("letmeinletmein", "welcomewelcome", "superadministrator", "changemechangeme", "changethispassword"),
        *("qwertyqwerty", "abcdefghijkl", "abcdefghijklmnop", "abcd12345678", "abc123abc123"),
    }
)
STEMS = frozenset(
    {
        *("password", "passwort", "contraseña", "contrasena", "welcome", "letmein", "qwerty", "qwertyuiop", "admin"),
        *("administrator", "changeme", "iloveyou", "monkey", "dragon", "football", "baseball", "sunshine", "princess"),
        *("summer", "winter", "spring", "autumn", "master", "shadow", "superman", "coalition", "groundswell"),
        *("supporter", "advocacy", "secret", "login"),
    }
)


def make_hash(password: str) -> str:
    """Return the argon2id hash; takes about a tenth of a second, so never call it while holding a lock."""
    return hasher.hash(password)


def matches(password: str, stored: str) -> bool:
    """Tell whether the password is the stored one; takes the same time where nothing is stored."""
    try:
        return hasher.verify(stored or _hash_of_nobody(), password) and bool(stored)
    except (VerificationError, InvalidHashError):
        return False


def fault(password: str, *about: str) -> str | None:
    """Return what is wrong with a new password, or None; `about` is what others know of its owner."""
    plain = password.casefold().strip()
    if len(password) < SHORTEST:
        return f"Use at least {SHORTEST} characters. A sentence of four or five words is easy to remember."
    if len(password) > LONGEST:
        return f"Use at most {LONGEST} characters."
    if len(set(plain)) < 5 or plain.replace(" ", "") in COMMON or plain.strip("0123456789!?.#*$@-_ ") in STEMS:
        return "Many people use this password, so it is among the first to be guessed. Choose another one."
    if any(len(word) > 3 and plain in {word, word * 2} for word in _words(about)):
        return "This password is your own name or address. Choose another one."
    return None


def _words(about: tuple[str, ...]) -> list[str]:
    texts = [text.casefold() for text in about if text]
    return [*texts, *(text.partition("@")[0] for text in texts), *(text.replace(" ", "") for text in texts)]


@cache
def _hash_of_nobody() -> str:
    return hasher.hash("the password of nobody")
