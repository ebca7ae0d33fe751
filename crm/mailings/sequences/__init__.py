"""Sequences: mailings that follow each other for everyone by whom something was done, such as a welcome."""
