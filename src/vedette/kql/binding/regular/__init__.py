"""Kusto's regular expressions: what each says in RE2's notation, or why it has no like there."""
