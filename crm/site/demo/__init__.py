"""Sample data: a coalition with a year behind it, which can be taken away again without a trace."""
