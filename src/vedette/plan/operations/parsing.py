"""Texts taken apart by a pattern, or by what stands between keys and values."""

from vedette.plan.operations.base import Null, operation

OPERATIONS = (
    operation("text_captured(text: string, pattern: string, group: long, groups: long) -> string", "what a group of the RE2 pattern's first match holds, of so many groups; empty where there is none"),
    operation("text_pairs(text: string, keys: dynamic, pair_delimiter: string, kv_delimiter: string, quotes: dynamic, escapes: string, greedy: bool) -> dynamic", "the values of these keys, as a JSON array of texts with null for what is absent: a pair ends at its delimiter, a greedy value at the last delimiter before the next pair; quotes lists their one or two characters, escapes those that keep a quote's end from ending it"),
    operation("text_part(parts: dynamic, index: long) -> string", "the element at the index (from 0) of a JSON array of texts; empty where there is none", Null.NEVER),
    operation("text_paired(text: string, pattern: string, key: string) -> string", "what the second group of the RE2 pattern holds in the first match whose first group is the key, both without white space at the ends; empty where there is none"),
)  # fmt: skip
