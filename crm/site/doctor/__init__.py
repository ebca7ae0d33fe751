"""The doctor: what is misconfigured in this installation, and how to mend it."""
