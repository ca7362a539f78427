"""The text of rules: YAML with places, read by pySigma."""
