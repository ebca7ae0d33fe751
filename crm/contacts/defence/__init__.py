"""The defence of visitors' forms: when a form is checked, how it passes, and how many were stopped."""
