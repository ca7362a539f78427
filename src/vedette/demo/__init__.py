"""The product at work on a sample of its own, from nothing to findings."""
