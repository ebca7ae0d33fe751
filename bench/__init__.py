"""What is measured: one file a question. `python -m bench [NAME …]` prints JSON lines."""
