"""Binding: what an AQL text means, from nodes to expressions of the plan."""
