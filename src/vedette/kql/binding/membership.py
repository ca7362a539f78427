"""``in``, ``has_any`` and their like: an operand held against the items of a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from vedette.kql.binding import across, sources
from vedette.kql.binding.context import Context, Unbound
from vedette.kql.binding.fold import plain, widen
from vedette.kql.binding.scope import Rows
from vedette.kql.binding.text_tests import as_text
from vedette.kql.reading.syntax_tree import Among
from vedette.plan.build import apply, boolean, text
from vedette.plan.expressions import Column, Expression, Field, Literal
from vedette.plan.passes.renumber import renumber
from vedette.plan.relations import Aggregate, Expand, Filter, Join, Project, Relation
from vedette.plan.rewrite import rewrite_expression
from vedette.plan.types import MARK, NUMBERS, Type, common_type
from vedette.plan.value_text import read_json
from vedette.syntax.source import Span

if TYPE_CHECKING:
    from vedette.kql.binding.binder import Binder


def among(binder: Binder, node: Among, context: Context) -> Expression:
    """Whether an operand is one of the items, or has a term of them."""
    value = binder.value(node.operand, context)
    given = binder.each(node.items, lambda part: sources.bind(binder, part, context))
    tables = [g for g in given if isinstance(g, Rows)]
    if tables:
        if len(given) > 1:
            raise binder.later("a table beside other items of a list", node.sign)
        found = _in_table(binder, node, value, tables[0], context)
        return apply("not", found, span=node.span) if node.operator[0] == "!" else found
    items = _spread(binder, given)
    if node.operator in ("has_any", "has_all"):
        return _has(binder, node, value, items)
    if node.operator.endswith("~"):
        found = _in_any_case(binder, node, value, items)
    else:
        found = _in(binder, node, value, items)
    return apply("not", found, span=node.span) if node.operator[0] == "!" else found


def _spread(binder: Binder, given: Sequence[Rows | Expression]) -> list[Expression]:
    """The items, dynamic arrays that are known spread into their elements."""
    found: list[Expression] = []
    for item in given:
        if isinstance(item, Rows):
            continue
        known = item.type is Type.DYNAMIC and isinstance(item, Literal)
        found.extend(elements(binder, item) if known else (item,))
    return found


def _lists(items: list[Expression]) -> tuple[list[Expression], list[Expression]]:
    """The items that are values of their own, and those that are a row's dynamic arrays."""
    lists: list[Expression] = [
        i for i in items if i.type is Type.DYNAMIC and not isinstance(i, Literal)
    ]
    return [i for i in items if i not in lists], lists


_SAME_TEXT = (Type.STRING, Type.INT, Type.LONG, Type.GUID, Type.DATETIME, Type.TIMESPAN)
"""Types whose values have the same text in an array as alone."""


def _element_text(binder: Binder, node: Among, value: Expression) -> Expression:
    """The text by which an operand is looked for in a row's array."""
    if value.type is Type.DYNAMIC or value.type in _SAME_TEXT:
        return plain(value) if value.type is Type.STRING else apply("text_of", value)
    raise binder.later(f"'{node.operator}' of {value.type} and a row's array", node.sign)


def _either(conditions: list[Expression], span: Span) -> Expression:
    if not conditions:
        return boolean(False, span)
    return conditions[0] if len(conditions) == 1 else apply("or", *conditions, span=span)


def _among_elements(
    binder: Binder, node: Among, value: Expression, lists: list[Expression], operation: str
) -> list[Expression]:
    if not lists:
        return []
    subject = _element_text(binder, node, value)
    found: list[Expression] = [apply(operation, subject, i, span=node.span) for i in lists]
    if value.type is Type.STRING:
        return found
    present = apply("not", apply("is_null", value), span=node.span)
    return [apply("and", present, _either(found, node.span), span=node.span)]


def _in_table(
    binder: Binder, node: Among, value: Expression, rows: Rows, context: Context
) -> Expression:
    """Whether an operand is a value of a table's first column: the table's values are marked."""
    if rows.open or not rows.relation.fields:
        raise Unbound
    if node.operator in ("has_any", "has_all"):
        return _has_of_table(binder, node, value, rows, context)
    relation, column = _items_of(binder, rows, node.span)
    if Type.DYNAMIC in (value.type, rows.relation.fields[0].type):
        value = _element_text(binder, node, value)
        column = apply("text_of", column, span=node.span)
    shared = common_type(value.type, column.type)
    if shared is None or shared is Type.DYNAMIC:
        raise binder.later(f"'{node.operator}' of {value.type} and {column.type}", node.sign)
    if shared in NUMBERS:
        value, column = widen(value, shared), widen(column, shared)
    if node.operator.endswith("~"):
        if shared is not Type.STRING:
            raise binder.later(f"'{node.operator}' over a {shared}", node.sign)
        value = apply("text_lower", value, span=value.span)
        column = apply("text_lower", column, span=column.span)
    known = Filter(relation, apply("not", apply("is_null", column)))
    key = binder.fields.new("item", shared)
    mark = binder.fields.new("*is_item", Type.BOOL)
    distinct = Aggregate(known, ((key, column),), ())
    marked = Project(distinct, ((key, Column(key)), (mark, boolean(True, node.span))))
    condition = apply("equals", value, Column(key, node.span), span=node.span)
    context.add(lambda relation: Join("left_outer", relation, marked, condition))
    return apply("not", apply("is_null", Column(mark, node.span)), span=node.span)


def _items_of(binder: Binder, rows: Rows, span: Span) -> tuple[Relation, Expression]:
    """The values of a table's first column, arrays in it taken apart, nulls in them left out."""
    first = rows.relation.fields[0]
    if first.type is not Type.DYNAMIC:
        return rows.relation, Column(first, span)
    element = binder.fields.new("element", Type.DYNAMIC)
    column = Column(element, span)
    apart = Expand(rows.relation, ((element, Column(first, span)),))
    return Filter(apart, apply("not", apply("is_null", column))), column


def _has_of_table(
    binder: Binder, node: Among, value: Expression, rows: Rows, context: Context
) -> Expression:
    """``has_any`` and ``has_all`` of a table's first column.

    Where it stands alone, it chooses the rows; elsewhere the texts that it holds for are marked.
    """
    subject = as_text(value)
    items, needle = _items_of(binder, rows, node.span)
    if needle.type is Type.DYNAMIC:
        needle = apply("text_of", needle, span=node.span)
    if subject is None or needle.type is not Type.STRING:
        raise binder.later(f"'{node.operator}' of {value.type} and {needle.type}", node.sign)
    if context.choices is not None and node.operator == "has_any":
        found = _has_needle(subject, needle, node)
        context.choices.append(lambda relation: Join("left_semi", relation, items, found))
        return boolean(True, node.span)
    key = binder.fields.new("text", Type.STRING)
    mark = binder.fields.new("has_needle", Type.BOOL)
    found = _has_needle(Column(key, node.span), needle, node)

    def marked(relation: Relation) -> Relation:
        texts: Relation = Aggregate(relation, ((key, subject),), ())
        if node.operator == "has_all":  # no needle is missing, and there is one
            texts = Join("left_anti", texts, items, apply("not", found, span=node.span))
            found_in: Expression = boolean(True, node.span)
        else:
            found_in = found
        again, new = renumber(items, binder.fields)
        condition = rewrite_expression(found_in, lambda e: _moved(e, new))
        texts = Join("left_semi", texts, again, condition)
        marks = Project(texts, ((key, Column(key)), (mark, boolean(True, node.span))))
        return Join("left_outer", relation, marks, apply("equals", subject, Column(key)))

    context.add(marked)
    return apply("not", apply("is_null", Column(mark, node.span)), span=node.span)


def _moved(expression: Expression, new: dict[Field, Field]) -> Expression:
    if isinstance(expression, Column):
        return replace(expression, field=new.get(expression.field, expression.field))
    return expression


def _has_needle(subject: Expression, needle: Expression, node: Among) -> Expression:
    return apply(
        "and",
        apply("not", apply("text_is_empty", subject)),
        apply("text_has_term", subject, needle, span=node.span),
        span=node.span,
    )


def elements(binder: Binder, value: Expression) -> list[Expression]:
    """The elements of a dynamic value that is known, one that is no array as its only element."""
    if not isinstance(value, Literal):
        raise binder.later("a list that is a dynamic value of a row", value.span)
    if value.value is None:
        return []
    content = read_json(str(value.value))
    if not isinstance(content, list):
        content = [content]
    if any(isinstance(e, list | dict) for e in content):
        raise binder.later("a list inside a list", value.span)
    return [_element(e, value) for e in content]


def _element(content: object, around: Expression) -> Literal:
    if content is None:
        return Literal(None, Type.DYNAMIC, around.span)
    if isinstance(content, bool):
        return Literal(content, Type.BOOL, around.span)
    if isinstance(content, int):
        return Literal(content, Type.LONG, around.span)
    if isinstance(content, float):
        return Literal(content, Type.REAL, around.span)
    return Literal(str(content).removeprefix(MARK), Type.STRING, around.span)


def _has(binder: Binder, node: Among, value: Expression, items: list[Expression]) -> Expression:
    subject = as_text(value)
    if subject is None:
        message = f"A value of type string or dynamic expected, not {value.type}"
        raise binder.fail("KS107", "type", message, node.operand.span)
    given, lists = _lists(items)
    needles = [_needle(binder, node, item) for item in given]
    is_any = node.operator == "has_any"
    operation = "text_has_any_element" if is_any else "text_has_every_element"
    found: list[Expression] = [apply(operation, subject, i, span=node.span) for i in lists]
    if needles:
        found.append(_has_needles(node, subject, needles))
    if is_any or len(found) < 2:
        return _either(found, node.span)
    return apply("and", *found, span=node.span)


def _needle(binder: Binder, node: Among, item: Expression) -> Expression:
    if item.type is Type.STRING:
        return item
    if item.type in (Type.INT, Type.LONG) and isinstance(item, Literal) and item.value is not None:
        return text(str(item.value), item.span)
    raise binder.later(f"'{node.operator}' of a {item.type}", item.span)


def _has_needles(node: Among, subject: Expression, needles: list[Expression]) -> Expression:
    filled = apply("not", apply("text_is_empty", subject, span=node.span), span=node.span)
    empty = [n for n in needles if isinstance(n, Literal) and n.value == ""]
    if node.operator == "has_any":
        if empty:
            return filled
        return apply("text_has_any_term", subject, *needles, span=node.span)
    rest = [n for n in needles if n not in empty]
    if not rest:
        return filled
    return apply("text_has_all_terms", subject, *rest, span=node.span)


def _in(binder: Binder, node: Among, value: Expression, items: list[Expression]) -> Expression:
    if any(isinstance(i, Literal) and i.value is None for i in items):
        raise binder.later(f"'{node.operator}' of a list with null", node.sign)
    given, lists = _lists(items)
    alike = [i for i in given if common_type(value.type, i.type) not in (None, Type.DYNAMIC)]
    conditions: list[Expression] = []
    if alike:
        shared: Type = value.type
        for item in alike:
            shared = common_type(shared, item.type) or shared
        operands = [value, *alike]
        if shared in NUMBERS:
            operands = [widen(o, shared) for o in operands]
        conditions.append(apply("is_in_or_false", *operands, span=node.span))
    known = {id(i) for i in alike}  # comparing literals would take the square of their number
    others = [i for i in given if id(i) not in known]
    numbers = [i for i in others if isinstance(i, Literal) and i.type in (Type.INT, Type.LONG)]
    if value.type is Type.STRING and len(numbers) > 1:
        what = f"'{node.operator}'"
        found = across.text_in_numbers(plain(value), numbers, what, node.span)
        conditions.append(found)
        others = [i for i in others if i not in numbers]
    for item in others:
        equal = across.equal(binder, node.operator, value, item, item.span)
        conditions.append(apply("is_true", equal, span=node.span))
    conditions += _among_elements(binder, node, value, lists, "text_is_element")
    return _either(conditions, node.span)


def _in_any_case(
    binder: Binder, node: Among, value: Expression, items: list[Expression]
) -> Expression:
    subject = as_text(value)
    if subject is None:
        message = f"A value of type string or dynamic expected, not {value.type}"
        raise binder.fail("KS107", "type", message, node.operand.span)
    given, lists = _lists(items)
    for item in given:
        if item.type is not Type.STRING:
            raise binder.later(f"'{node.operator}' of a {item.type}", item.span)
    conditions: list[Expression] = []
    if given:
        conditions.append(apply("text_is_in_ignore_case", subject, *given, span=node.span))
    conditions += _among_elements(binder, node, value, lists, "text_is_element_ignore_case")
    return _either(conditions, node.span)
