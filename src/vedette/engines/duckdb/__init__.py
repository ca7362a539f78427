"""The engine inside the process: a plan in, DuckDB's SQL and Arrow rows out."""
