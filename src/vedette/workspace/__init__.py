"""The one seam between the rooms below and everything above.

Declares tables, ingests logs, compiles queries and runs them. Knows nothing of detections.
"""
