"""Functions that read dynamic values from text: ``parse_json`` and its like, ``extract_json``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import orjson

from vedette.kql.binding import paths
from vedette.kql.binding.applied import arguments, wrong_count
from vedette.kql.binding.context import Context
from vedette.kql.binding.fold import plain
from vedette.kql.binding.text_tests import as_text
from vedette.kql.reading.syntax_tree import Call, Node, TypeOf
from vedette.plan.build import apply, text
from vedette.plan.expressions import Expression, Literal
from vedette.plan.types import MARK, Type, type_named

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder

_STEP = re.compile(r"""\.([\w-]+)|\[(?:'([^'\]]*)'|"([^"\]]*)"|(\d{1,9}))\]""")
_UNDOTTED = re.compile(r"\$\w")


def _parse_json(binder: Binder, node: Call, context: Context) -> Expression:
    """The value a JSON text says; a dynamic value as it is."""
    if len(node.arguments) != 1:
        raise wrong_count(binder, node, 1, 1)
    value = arguments(binder, node.arguments, context)[0]
    if value.type is Type.DYNAMIC:
        return value
    if value.type is not Type.STRING:
        message = "The expression must have one of the types: string or dynamic"
        raise binder.fail("KS141", "type", message, node.arguments[0].span)
    if isinstance(value, Literal):
        return Literal(read(str(value.value or "")), Type.DYNAMIC, node.span)
    return apply("read_json", plain(value), span=node.span)


def read(given: str) -> str | None:
    """The JSON text of what a text says, or of the text itself where that is no JSON."""
    if not given:
        return None
    try:
        value = orjson.loads(given)
    except ValueError:
        return orjson.dumps(given.replace(MARK, "")).decode()
    if MARK in given or "\\ufdd0" in given.lower():
        return orjson.dumps(value).decode().replace(MARK, "")
    return None if value is None else given.strip(" \t\r\n")


def _extract_json(binder: Binder, node: Call, context: Context) -> Expression:
    """What stands at a path of a JSON text, as text or as a value of the type asked for."""
    if len(node.arguments) not in (2, 3):
        raise wrong_count(binder, node, 2, 3)
    path = binder.constant(node.arguments[0], context.scope, Type.STRING, "a string")
    keys = _keys(str(path.value))
    if _UNDOTTED.match(str(path.value)) and not binder.findings.strict:
        keys = _keys(f"$.{str(path.value)[1:]}")
        message = f"the path '{path.value}' has no '.' behind '$': it is read as if it had"
        binder.findings.repair("json-path-without-dot", message, node.arguments[0].span)
    if not keys:
        reason = "paths are written $.name, $['name'] and $[0], one behind the other"
        raise binder.later("this path", node.arguments[0].span, reason)
    subject = as_text(binder.value(node.arguments[1], context))
    if subject is None:
        raise binder.fail(
            "KS107", "type", "A value of type string expected", node.arguments[1].span
        )
    found = paths.inside(apply("read_json", subject, span=subject.span), keys, node.span)
    type = _type(binder, node.arguments[2]) if len(node.arguments) == 3 else None
    if type is Type.DYNAMIC:
        return found
    as_string = apply("text_of", found, span=node.span)
    if type is None or type is Type.STRING:
        return as_string
    return apply(f"to_{type}", found, span=node.span)


def _type(binder: Binder, node: Node) -> Type:
    names = node.types if isinstance(node, TypeOf) else ()
    type = type_named(names[0]) if len(names) == 1 else None
    if type is None:
        message = "A type literal is expected, such as typeof(long)"
        raise binder.fail("KS141", "type", message, node.span)
    return type


def _keys(path: str) -> list[Expression]:
    """The keys of a path; none where it is written in another way."""
    if not path.startswith("$"):
        return []
    keys: list[Expression] = []
    place = 1
    while place < len(path):
        step = _STEP.match(path, place)
        if step is None:
            return []
        name, quoted, doubled, number = step.groups()
        if number is not None:
            keys.append(Literal(int(number), Type.LONG))
        else:
            keys.append(text(next(n for n in (name, quoted, doubled) if n is not None)))
        place = step.end()
    return keys


def _dynamic_to_json(binder: Binder, node: Call, context: Context) -> Expression:
    """The JSON text of a value, bags in order of their names."""
    if len(node.arguments) != 1:
        raise wrong_count(binder, node, 1, 1)
    value = arguments(binder, node.arguments, context)[0]
    if value.type is not Type.DYNAMIC:
        value = apply("to_dynamic", value, span=value.span)
    return plain(apply("sorted_json_of", value, span=node.span))


RULES = {
    "parse_json": _parse_json,
    "parsejson": _parse_json,
    "todynamic": _parse_json,
    "toobject": _parse_json,
    "extract_json": _extract_json,
    "extractjson": _extract_json,
    "dynamic_to_json": _dynamic_to_json,
}
