"""COLLATE: takes a key of ORDER BY and its value, gives what sorts as the language does."""

from __future__ import annotations

import re

from vedette.aql.binding.context import Context
from vedette.aql.codes import SYNTAX
from vedette.aql.reading.syntax_tree import OrderKey
from vedette.plan.build import apply, text
from vedette.plan.expressions import Expression
from vedette.plan.types import Type

_LANGUAGE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")


def collated(value: Expression, key: OrderKey, context: Context) -> Expression:
    """The value, or what sorts it by the key's language; raises Refused for what is none."""
    if not key.collation:
        return value
    if not _LANGUAGE.fullmatch(key.collation):
        message = f"'{key.collation}' is no language tag"
        hint = "write one of BCP 47, such as 'de' or 'pt-BR'"
        raise context.refuse(SYNTAX, "syntax", message, key.span, hint=hint)
    if value.type is not Type.STRING:
        raise context.wrong_type(value, "String", "COLLATE sorts texts")
    return apply("text_sort_key", value, text(key.collation, key.span), span=value.span)
