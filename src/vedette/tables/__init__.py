"""The tables a query can name: their schemas, and how one event shows itself in each.

Takes declarative schema files; gives the catalogue of Sentinel, Defender and QRadar tables as
references and invertible expressions over the physical tables. Knows no query.
"""
