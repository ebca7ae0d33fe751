"""How many people it takes until a difference in clicks is more than chance."""

from math import ceil, erfc, sqrt

CLICKS, MORE = 0.10, 0.03  # One in ten clicks; three in a hundred more or less are to be told from chance.
Z_SURE, Z_SEEN = 1.960, 0.842  # Two-sided at 5 %, and seen in four of five tests.
SURE = 0.05


def each() -> int:
    """Return how many people have to get each version (Fleiss, Statistical Methods for Rates and Proportions, §4.2)."""
    first, second = CLICKS, CLICKS + MORE
    mean = (first + second) / 2
    spread = Z_SURE * sqrt(2 * mean * (1 - mean)) + Z_SEEN * sqrt(first * (1 - first) + second * (1 - second))
    return ceil((spread / MORE) ** 2)


def least() -> int:
    """Return how many recipients a mailing needs, so that some are left for whom it matters which version is better."""
    return ceil(2 * each() / 0.8 / 100) * 100


def shares(recipients: int) -> list[int]:
    """Return the shares (of a hundred) of so many people that are large enough for two versions, the smallest first."""
    return [share for share in (10, 20, 30, 40, 50, 60, 70, 80) if recipients * share // 100 >= 2 * each()]


def by_chance(first: tuple[int, int], second: tuple[int, int]) -> float:
    """Return how likely two shares (how many, of how many) differ at least so much by chance alone.

    The z-test of two proportions with a pooled variance, two-sided.
    """
    (x, n), (y, m) = first, second
    if not n or not m or x + y in (0, n + m):
        return 1.0
    mean = (x + y) / (n + m)
    return erfc(abs(x / n - y / m) / sqrt(mean * (1 - mean) * (1 / n + 1 / m)) / sqrt(2))
