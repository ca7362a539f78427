"""From log files to typed batches.

Takes files of many formats, works out which each one is, and gives records; what cannot be read
is set aside with its reason. Knows no query language.
"""
