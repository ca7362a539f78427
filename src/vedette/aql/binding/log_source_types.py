"""Names of log source types in conditions: takes a condition's texts, gives the names compared.

A stock QRadar knows the types of its device support modules. A text that names none of them, such
as ``ILIKE '%sysmon%'``, can never be true there; a mapping may say which events it means.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache

from vedette.aql.binding.context import Context
from vedette.aql.binding.patterns import like, plain_needle
from vedette.aql.codes import NO_SUCH_LOG_SOURCE_TYPE, UNKNOWN_LOG_SOURCE_TYPE
from vedette.plan.build import apply, text
from vedette.plan.expressions import Column, Expression, Literal
from vedette.syntax.problem import did_you_mean
from vedette.tables.log_source_types import log_source_types

HIDDEN = "$log_source_type"
PROVIDER = "$provider"


def is_type_name(expression: Expression) -> bool:
    """Whether an expression is the log source type's name."""
    return isinstance(expression, Column) and expression.field.name == HIDDEN


def compared_name(
    context: Context,
    name: Expression,
    others: Iterable[Expression],
    operator: str,
) -> Expression:
    """The type's name as a condition on *others* must read it.

    *operator* is ``equal`` or LIKE's or MATCHES' word. Where no stock type satisfies the condition
    with one of the texts but a mapped one does, the mapped types' events carry that name here.
    """
    used: dict[str, tuple[str, ...]] = {}
    for other in others:
        if not isinstance(other, Literal) or not isinstance(other.value, str):
            continue
        wanted = other.value
        if _is_stock(operator, wanted):
            continue
        types = context.mappings.log_source_types.items()
        custom = {n: providers for n, providers in types if _holds(operator, n, wanted)}
        if context.findings.strict or not custom:
            _nothing_matches(context, wanted, tuple(custom), other)
        for mapped_name, providers in custom.items():
            used[mapped_name] = providers
            _record(context, wanted, mapped_name, providers, other)
    return _renamed(context, name, used) if used else name


def _holds(operator: str, name: str, wanted: str) -> bool:
    """Whether a name may satisfy a condition with the text."""
    if operator in ("like", "ilike"):
        return like(name, wanted, operator == "ilike")
    if operator == "equal":
        return name == wanted
    needle = plain_needle(wanted)
    return needle is None or needle.lower() in name.lower()


@lru_cache(maxsize=1024)
def _is_stock(operator: str, wanted: str) -> bool:
    return any(_holds(operator, known, wanted) for known in log_source_types().values())


def _record(
    context: Context, wanted: str, name: str, providers: Sequence[str], at: Expression
) -> None:
    if context.once(f"log-source-type:{name}"):
        message = (
            f"'{wanted}' names no log source type of a stock QRadar; events of "
            f"{' and '.join(providers)} are read as of type '{name}' (log source type mapping)"
        )
        context.findings.repair("log-source-type-mapping", message, at.span)


def _renamed(
    context: Context, name: Expression, used: dict[str, tuple[str, ...]]
) -> Expression:  # fmt: skip
    provider = context.column(PROVIDER, name.span)
    branches: list[Expression] = []
    for mapped_name, providers in used.items():
        names = (text(p, name.span) for p in providers)
        branches += [apply("is_in", provider, *names, span=name.span), text(mapped_name, name.span)]
    return apply("case", *branches, name, span=name.span)


def _nothing_matches(
    context: Context, wanted: str, mapped_names: Sequence[str], at: Expression
) -> None:
    bare = wanted.strip("%")
    stock = log_source_types().values()
    hint = did_you_mean(bare, stock).replace(" (names are case-sensitive)", "")
    define = f"say which providers' events have the type (log-source-type:{bare or 'NAME'})"
    if mapped_names:
        define = f"when not strict, a mapping gives some events the type '{mapped_names[0]}'"
    hint = f"{hint}; {define}" if hint else define
    message = f"no log source type matches '{wanted}'"
    if context.findings.strict:
        raise context.refuse(UNKNOWN_LOG_SOURCE_TYPE, "name", message, at.span, hint=hint)
    context.findings.advise(NO_SUCH_LOG_SOURCE_TYPE, message, at.span, hint=hint)
