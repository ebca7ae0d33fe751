"""Python's garbage collector."""

import gc

YOUNG = 10_000
"""So many new objects are looked through at once: one form alone makes thousands, of which few outlive it."""


def leave_out_what_is_loaded() -> None:
    """Let collections pass over the program itself, and come seldom; to be called once, when a process has loaded it.

    Else each full collection stops the process for some 80 ms, if need be in the middle of a write transaction.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG)
