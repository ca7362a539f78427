"""How a column is called that a query gives no name to: takes a node, gives a name or None."""

from __future__ import annotations

from vedette.kql import functions
from vedette.kql.reading.syntax_tree import Call, Constant, Index, Name, Named, Node, Ordered, Path
from vedette.plan.types import Type


def inferred(node: Node, aggregates: bool = False) -> str | None:
    """The name that Kusto takes from an expression; None where it would number the column.

    *aggregates* says that the expression stands in ``summarize``: names of aggregates come first.
    """
    match node:
        case Name():
            return node.text
        case Named():
            return node.names[0].text
        case Ordered():
            return inferred(node.value, aggregates)
        case Path():
            return _joined(node.base, node.member, path=True)
        case Index():
            return _joined(node.base, node.index, path=False)
        case Call():
            return _called(node, aggregates)
        case _:
            return None


def _joined(base: Node, member: Node, path: bool) -> str | None:
    left = inferred(base)
    right = member.text if path and isinstance(member, Name) else None
    if isinstance(member, Constant):
        named = member.type in (Type.STRING, Type.LONG)
        right = str(member.value) if named else None
    return f"{left}_{right or ''}" if left else right


def _called(node: Call, aggregates: bool) -> str | None:
    name = node.function.text
    known = functions.known(name, "aggregate") if aggregates else None
    known = known or functions.known(name)
    if known is None:
        return None
    first = inferred(node.arguments[0], aggregates) if node.arguments else None
    rule, _, word = known.naming.partition(" ")
    if rule == "prefix":
        return f"{word}_{first or ''}"
    if rule == "first" or (rule == "only" and len(node.arguments) == 1):
        return first
    if rule == "fixed":
        return word
    return None
