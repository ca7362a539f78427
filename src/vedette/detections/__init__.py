"""The package of one detection: metadata, queries for each platform, tests, tuning, playbook.

Reads packages with the places of everything in them, and checks them. Runs nothing.
"""
