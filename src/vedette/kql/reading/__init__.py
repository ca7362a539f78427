"""From KQL's text to its syntax tree: tokens, literals, expressions, statements; no meaning yet."""
