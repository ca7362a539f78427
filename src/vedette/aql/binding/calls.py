"""Calls of functions: takes a call and its bound arguments, gives a core expression."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

from vedette.aql.binding.comparison import (
    as_real,
    as_text,
    extreme,
    number_of,
    ordered_as,
)
from vedette.aql.binding.context import JAVA, Context, Refused
from vedette.aql.binding.fields import is_built_in
from vedette.aql.binding.patterned import bind_patterned, letters_of
from vedette.aql.binding.reference import bind_reference, is_told
from vedette.aql.binding.window import TICKS_PER_MILLISECOND, relative
from vedette.aql.codes import (
    FEW_NAMES,
    HALF_DAY_HOUR,
    MISPLACED,
    UNKNOWN_FUNCTION,
    WEEK_YEAR,
    WRONG_TYPE,
)
from vedette.aql.functions import (
    AGGREGATES,
    HIDDEN,
    LOOKUPS,
    NOT_AQL,
    REFERENCES,
    REFUSED,
    SCALARS,
    SHOWN,
    TOLD,
)
from vedette.aql.reading.syntax_tree import Call
from vedette.plan.build import IllTyped, apply, text
from vedette.plan.check import is_aggregate
from vedette.plan.expressions import Column, Expression, Literal, walk
from vedette.plan.library import Function
from vedette.plan.types import NUMBERS, UNIX_EPOCH_TICKS, Type
from vedette.syntax.problem import did_you_mean
from vedette.syntax.source import Span

_OWN_NAMES = "it asks QRadar's own names, which no log carries"


def bind_call(
    context: Context, call: Call, arguments: Sequence[Expression], *, aggregates: bool
) -> Expression:
    """The core expression of a call; *aggregates* says whether it may fold rows. Raises Refused."""
    aggregate = AGGREGATES.get(call.name)
    if aggregate is not None:
        if not aggregates:
            message = f"{aggregate.name} cannot stand here: an aggregate needs the rows of a group"
            hint = "put the condition into HAVING" if context.deciding else ""
            raise context.refuse(MISPLACED, "type", message, call.span, hint=hint)
        return _aggregate(context, call, aggregate, arguments)
    if call.star or call.distinct:
        wrong = "*" if call.star else "DISTINCT"
        message = f"{call.name} does not take {wrong}"
        raise context.refuse(WRONG_TYPE, "type", message, call.span)
    if LOOKUPS.get(call.name) is not None:
        return _lookup(context, call, arguments)
    reference = REFERENCES.get(call.name)
    if reference is not None:
        fitted = _fitted(context, call, reference, arguments)
        return bind_reference(context, call, reference.name, fitted)
    scalar = SCALARS.get(call.name)
    if scalar is None:
        raise _no_function(context, call)
    fitted = _fitted(context, call, scalar, arguments)
    if scalar.means:
        _look_closer(context, scalar, fitted)
        return _applied(context, call, scalar, fitted)
    return _by_hand(context, call, scalar.name, fitted)


def unknown_lookup(context: Context, call: Call, arguments: Sequence[Expression]) -> str:
    """Why a call's text cannot be known here, where only QRadar knows it; else an empty string."""
    name = call.name.upper()
    if name in SHOWN and not (name in TOLD and is_told(context, name)):
        return REFUSED[name]
    hidden = _hidden(call, arguments) if name in HIDDEN else None
    return "" if hidden is None or hidden in context.table.columns else _OWN_NAMES


def _by_hand(
    context: Context, call: Call, name: str, arguments: Sequence[Expression]
) -> Expression:  # fmt: skip
    """Functions whose meaning depends on the arguments' types or on the clock."""
    now = (context.now - UNIX_EPOCH_TICKS) // TICKS_PER_MILLISECOND
    if name == "NOW":
        return Literal(now, Type.LONG, call.span)
    if name == "CONCAT":
        return _concatenated([as_text(a) for a in arguments], call.span)
    if name in ("PARSETIMESTAMP", "REPLACEALL", "REPLACEFIRST"):
        return bind_patterned(context, call, name, arguments)
    value = arguments[0]
    if name == "PARSEDATETIME":
        if not isinstance(value, Literal) or not isinstance(value.value, str):
            raise context.unsupported("PARSEDATETIME of a field", call.span)
        ticks = relative(value.value, value.span, context)
        milliseconds = (ticks - UNIX_EPOCH_TICKS) // TICKS_PER_MILLISECOND
        return Literal(milliseconds, Type.LONG, call.span)
    number = apply("to_long", value, span=call.span)  # LONG
    if value.type is Type.STRING:
        address = apply("ipv4_number", value, span=call.span)
        return apply("first_not_null", number, address, span=call.span)
    return number


def _concatenated(texts: Sequence[Expression], span: Span) -> Expression:
    """The texts joined; converters write thousands of calls with nothing but texts in them."""
    written = [t.value for t in texts if isinstance(t, Literal) and isinstance(t.value, str)]
    if len(written) == len(texts):
        return text("".join(written), span)
    return apply("text_concat", *texts, span=span)


def _aggregate(
    context: Context, call: Call, row: Function, arguments: Sequence[Expression]
) -> Expression:
    if any(_has_aggregate(a) for a in arguments):
        message = f"{row.name} cannot fold what another aggregate gives"
        raise context.refuse(MISPLACED, "type", message, call.span)
    if call.star and row.name != "COUNT":
        raise context.refuse(WRONG_TYPE, "type", f"{row.name} does not take *", call.span)
    if row.name == "COUNT" and not arguments:
        return apply("to_real", apply("count_rows", span=call.span), span=call.span)
    fitted = _fitted(context, call, row, arguments)
    if call.distinct:
        if row.name != "COUNT":
            message = f"{row.name} does not take DISTINCT"
            raise context.refuse(WRONG_TYPE, "type", message, call.span)
        context.repair(
            "count-distinct",
            "COUNT(DISTINCT x) is read as UNIQUECOUNT(x)",
            call.span,
            "AQL has no COUNT(DISTINCT x)",
        )
        value: Expression = apply("count_distinct", *fitted, span=call.span)
    elif row.name in ("FIRST", "LAST"):
        value = context.first(fitted[0], call.span, last=row.name == "LAST")
    elif row.name in ("MIN", "MAX") and (by := ordered_as(context, fitted[0])):
        value = extreme(row.name == "MAX", fitted[0], by)
    else:
        value = _applied(context, call, row, fitted)
    return as_real(value) if value.type in NUMBERS else value


def _has_aggregate(expression: Expression) -> bool:
    return any(is_aggregate(node) for node in walk(expression))


def _fitted(
    context: Context, call: Call, row: Function, arguments: Sequence[Expression]
) -> list[Expression]:
    signature = row.signature
    if not signature.takes(len(arguments)):
        message = f"{row.name} does not take {len(arguments)} arguments"
        hint = f"it is {signature.text}"
        raise context.refuse(WRONG_TYPE, "type", message, call.span, hint=hint)
    folds = AGGREGATES.get(row.name) is not None
    return [
        _fit(context, argument, signature.parameter(index).types, folds=folds)
        for index, argument in enumerate(arguments)
    ]


def _fit(
    context: Context, argument: Expression, types: frozenset[Type], *, folds: bool
) -> Expression:
    if argument.type in types and (argument.type is not Type.BINARY or folds or len(types) == 1):
        return argument
    if isinstance(argument, Literal) and argument.value is None:
        return Literal(None, min(types), argument.span)
    if types <= NUMBERS and argument.type is Type.STRING:
        if isinstance(argument, Column) and is_built_in(context, argument):
            raise context.wrong_type(argument, "Long")
        number = number_of(context, argument)
        return number if number.type in types else apply("to_long", number, span=argument.span)
    if types & NUMBERS and argument.type in NUMBERS:
        return apply("to_long", argument, span=argument.span)
    wanted = next((JAVA[t] for t in (Type.STRING, Type.BINARY, Type.LONG) if t in types), "Double")
    hint = "UTF8(payload) is its text" if argument.type is Type.BINARY else ""
    if wanted == "String" and argument.type in NUMBERS:
        hint = "STR(x) is its text"
    raise context.wrong_type(argument, wanted, hint)


def _applied(
    context: Context, call: Call, row: Function, arguments: Sequence[Expression]
) -> Expression:
    try:
        return row.call(arguments, call.span)
    except IllTyped:
        given = ", ".join(JAVA.get(a.type, a.type) for a in arguments)
        message = f"{row.name} does not take {given}"
        hint = f"it is {row.signature.text}"
        raise context.refuse(WRONG_TYPE, "type", message, call.span, hint=hint) from None


def _lookup(context: Context, call: Call, arguments: Sequence[Expression]) -> Expression:
    name = call.name.upper()
    hidden = _hidden(call, arguments)
    if hidden is None:
        message = f"{name} takes {' or '.join(HIDDEN[name])}"
        if arguments and arguments[0].type is Type.STRING:
            raise context.wrong_type(arguments[0], "Long", message)
        raise context.refuse(WRONG_TYPE, "type", message, call.span)
    if hidden not in context.table.columns:
        raise context.unsupported(f"{name} on {context.table.name}", call.name_span, _OWN_NAMES)
    if hidden == "$qid_name" and context.deciding and context.once("qid names"):
        context.findings.advise(
            FEW_NAMES,
            "QIDNAME is known of some events of Windows' Security log only; of others it is null",
            call.span,
            reason=_OWN_NAMES,
            hint='ask for the record\'s own event id: "Event ID"',
        )
    return context.column(hidden, call.span)


def _hidden(call: Call, arguments: Sequence[Expression]) -> str | None:
    """The hidden column that holds a lookup's names; None where its argument is the wrong one."""
    argument = arguments[0] if len(arguments) == 1 else None
    if not isinstance(argument, Column):
        return None
    return HIDDEN[call.name.upper()].get(argument.field.name.lower())


def _no_function(context: Context, call: Call) -> Refused:
    name = call.name.upper()
    if name in REFUSED:
        shown = "leave it out; a column of its own that only shows it would stay empty"
        hint = shown if name in SHOWN else "leave it out"
        return context.unsupported(f"the function {name}", call.name_span, REFUSED[name], hint)
    known = [row.name for library in (SCALARS, AGGREGATES, LOOKUPS, REFERENCES) for row in library]
    instead = NOT_AQL.get(name)
    hint = f"in AQL: {instead}" if instead else did_you_mean(name, known)
    message = (
        f'No function matches the given name: "{call.name}" in catalog "{context.table.name}".'
    )
    return context.refuse(UNKNOWN_FUNCTION, "name", message, call.name_span, hint=hint)


def _look_closer(context: Context, row: Function, arguments: Sequence[Expression]) -> None:
    if row.name == "INCIDR":
        _look_at_network(context, *arguments)
    pattern = arguments[-1] if arguments else None
    if row.name == "DATEFORMAT" and isinstance(pattern, Literal) and isinstance(pattern.value, str):
        _look_at_format(context, pattern, pattern.value)


def _look_at_network(context: Context, network: Expression, address: Expression) -> None:
    if isinstance(network, Literal) and isinstance(network.value, str):
        try:
            ipaddress.IPv4Network(network.value.strip(), strict=False)
        except ValueError:
            message = f"'{network.value}' is no IPv4 network"
            hint = "write it as '10.0.0.0/8'"
            raise context.refuse(WRONG_TYPE, "type", message, network.span, hint=hint) from None
    elif isinstance(address, Literal) and "/" in str(address.value):
        message = f"INCIDR takes the network first; '{address.value}' stands second"
        hint = f"write INCIDR('{address.value}', {context.findings.source.at(network.span)})"
        raise context.refuse(WRONG_TYPE, "type", message, address.span, hint=hint)


def _look_at_format(context: Context, pattern: Literal, written: str) -> None:
    letters = set(letters_of(context, "DATEFORMAT", pattern, written))
    if "Y" in letters:
        context.findings.advise(
            WEEK_YEAR,
            "YYYY is the year of the week: around New Year it differs from the calendar's year",
            pattern.span,
            hint="write yyyy",
            fix=context.written(pattern, written.replace("Y", "y")),
        )
    if letters & {"h", "K"} and "a" not in letters:
        context.findings.advise(
            HALF_DAY_HOUR,
            "hh counts the hours of half a day: morning and afternoon look alike",
            pattern.span,
            hint="write HH, or add a, which shows AM and PM",
            fix=context.written(pattern, written.replace("hh", "HH").replace("h", "H")),
        )
