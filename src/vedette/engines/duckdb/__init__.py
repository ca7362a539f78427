"""The engine inside the process: a plan in, DuckDB's SQL and Arrow rows out.

``session`` is the engine, ``lowering`` a row an operation, ``macros`` what rows call by name,
``writing`` names, types and constants, ``views`` the stored tables, ``results`` the rows,
``guard`` what a user's own SQL may say.
"""
