"""Which field a name means: takes a name and the table's catalogue, gives a column or a mapping."""

from __future__ import annotations

import re

from vedette.aql.binding.context import Context, Refused
from vedette.aql.codes import UNKNOWN_FIELD
from vedette.aql.functions import AGGREGATES
from vedette.aql.reading.syntax_tree import Name
from vedette.plan.expressions import Column
from vedette.syntax.problem import did_you_mean
from vedette.tables.catalog import builtin_table

ADDRESSES = frozenset(
    {
        "destinationaddress", "destinationip", "identityip", "postnatdestinationip",
        "postnatsourceip", "prenatdestinationip", "prenatsourceip", "sourceaddress", "sourceip",
    }
)  # fmt: skip
"""Fields that hold IPv4 addresses, which are ordered as numbers."""

CURSOR = "cursor"
"""What QRadar calls the rows of a query in FROM: the catalogue that its outer query reads."""

STAR = {
    "events": (
        "starttime", "protocolid", "sourceip", "logsourceid", "qid", "sourceport", "eventcount",
        "magnitude", "identityip", "destinationip", "destinationport", "category", "username",
    ),
}  # fmt: skip
"""What ``*`` stands for where QRadar's answers show it; elsewhere it is every field."""


def field_named(context: Context, name: str) -> str | None:
    """The table's own spelling of a field, custom properties included, in any letter case."""
    lower = name.lower()
    if lower.startswith("$"):  # hidden columns serve functions only
        return None
    return name if name in context.table.columns else context.spelled.get(lower)


def is_built_in(context: Context, column: Column) -> bool:
    """Whether a column is one of QRadar's own fields, whose type is fixed, not a property."""
    name = column.field.name
    built_in = builtin_table(context.table.name)
    return name.isalnum() and name.islower() and built_in is not None and name in built_in.columns


def star(context: Context) -> tuple[str, ...]:
    """The fields that ``*`` stands for."""
    visible = (column for column in context.table.columns if not column.startswith("$"))
    return STAR.get(context.table.name) or tuple(visible)


def mapped(context: Context, name: Name) -> str | None:
    """What the deployment's mappings give for a name, recorded as a repair; None where nothing.

    When strict, a name that only a mapping knows is refused as a stock QRadar refuses it.
    """
    target = context.mappings.property(name.text) or _spelled_alike(context, name.text)
    if target is None:
        return None
    shown = f'"{target}"' if field_named(context, target) else target
    if context.findings.strict:
        raise unknown(context, name, f"a stock QRadar has {shown}")
    if context.once(f"property:{name.text.lower()}"):
        message = f'"{name.text}" is read as {shown} (property mapping)'
        context.findings.repair("property-mapping", message, name.span)
    return target


def _spelled_alike(context: Context, name: str) -> str | None:
    """A property whose letters and digits are the name's, of several the shortest; or None."""

    def letters(text: str) -> str:
        return re.sub(r"[\W_]", "", text).lower()

    wanted = letters(name)
    visible = (c for c in context.table.columns if not c.startswith("$"))
    alike = [column for column in visible if letters(column) == wanted]
    return min(alike, key=len) if wanted and alike else None


def unknown(context: Context, name: Name, hint: str = "") -> Refused:
    """Record that a field does not exist, in QRadar's words, where its name first stands."""
    if not context.once(f"unknown:{name.text.lower()}"):
        return Refused(name.text)
    visible = [column for column in context.table.columns if not column.startswith("$")]
    visible += [row.name for row in context.mappings.custom]
    nearest = did_you_mean(name.text, visible).replace(" (names are case-sensitive)", "")
    define = (
        "define it as a custom property of the workspace (properties.toml), or map it to a "
        f"property that there is (property:{name.text})"
    )
    message = f'Field "{name.text}" does not exist in catalog "{context.table.name}"'
    if context.table.name == CURSOR:
        define = f"the query in FROM gives {', '.join(visible)}"
    if name.quoted and not nearest:
        define += "; a text stands in single quotes"
    if (aggregate := AGGREGATES.get(name.text)) is not None:
        hint = f"the aggregate is {aggregate.name}(...); or give it a name by AS, and write that"
    hint = hint or (f"{nearest} Else {define}" if nearest else define)
    return context.refuse(UNKNOWN_FIELD, "name", message, name.span, hint=hint)
