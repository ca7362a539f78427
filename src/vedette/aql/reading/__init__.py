"""From AQL's text to its syntax tree: tokens, expressions, the statement; no meaning yet."""
