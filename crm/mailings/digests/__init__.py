"""Digests: mailings that come by themselves, with what is new since the last one."""
