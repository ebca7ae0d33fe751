"""Python's garbage collector."""

import gc


def leave_out_what_is_loaded() -> None:
    """Let collections pass over the program itself; to be called once, when a process has loaded it.

    Else each full collection stops the process for some 80 ms, if need be in the middle of a write transaction.
    """
    gc.collect()
    gc.freeze()
