"""One module a format: each takes sources of its format and gives rows."""
