"""Functions bound by hand: those that a row of ``kql.functions`` cannot say."""
