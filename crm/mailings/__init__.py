"""Composing, scheduling and reporting on bulk e-mail."""
