"""Analytics rules of Microsoft Sentinel, and its hunting queries: YAML files, ARM and REST JSON."""
