"""From KQL's syntax tree to plans: names, types, functions and Kusto's own rules of both."""
