"""Binding expressions: takes nodes of the syntax tree, gives typed core expressions.

Names are looked up among the table's fields, the query's aliases and the deployment's mappings.
What cannot be bound is reported once and raised as Refused, so that the parts beside it are still
read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from vedette.aql.binding import subqueries
from vedette.aql.binding.calls import bind_call, unknown_lookup
from vedette.aql.binding.comparison import as_real, as_text, compare, is_null, number_of
from vedette.aql.binding.context import Context, Refused
from vedette.aql.binding.defined import defined
from vedette.aql.binding.fields import field_named, mapped, unknown
from vedette.aql.binding.log_source_types import compared_name, is_type_name
from vedette.aql.binding.patterns import Untranslatable, inside_a_value, to_re2
from vedette.aql.codes import (
    TOO_DEEP,
    TRAILING_SPACE,
    UNANCHORED_PATTERN,
    UNKNOWN_FIELD,
)
from vedette.aql.functions import AGGREGATES, KEYS
from vedette.aql.reading.grammar import parse_expression
from vedette.aql.reading.syntax_tree import (
    Between,
    Binary,
    Call,
    Case,
    In,
    InQuery,
    IsNull,
    Logic,
    Match,
    Name,
    Null,
    Number,
    Text,
    TextSearch,
    Truth,
    Unary,
    placed,
    walk,
)
from vedette.aql.reading.syntax_tree import Expression as Node
from vedette.plan.build import apply, null, text
from vedette.plan.expressions import Column, Expression, Literal
from vedette.plan.types import NUMBERS, Type
from vedette.syntax.problem import Findings
from vedette.syntax.source import Source

ARITHMETIC = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "%": "remainder"}
BITWISE = {"&": "bit_and", "|": "bit_or", "<<": "shift_left", ">>": "shift_right"}
OF_NULL = {"=": False, "==": False, "!=": True, "<>": True}
"""Comparisons that a written NULL may stand in, and whether they negate."""
COMPARISONS = frozenset({"=", "==", "!=", "<>", "<", "<=", ">", ">="})


def _folds(node: Node | None) -> bool:
    """Whether an aggregate is called in a node."""
    inner = walk(node) if node is not None else ()
    return any(isinstance(part, Call) and AGGREGATES.get(part.name) is not None for part in inner)


class Binder:
    """Binds one query's expressions; *aliases* are its SELECT list's, by name in lower case."""

    def __init__(self, context: Context, aliases: Mapping[str, Node]) -> None:
        """Bind nothing yet."""
        self.context = context
        self.aliases = aliases
        self._open: list[str] = []  # aliases and mappings that are being bound
        self._aliases_first = False
        self._aggregates = False

    def value(
        self, node: Node, *, aliases_first: bool = False, aggregates: bool = False
    ) -> Expression:
        """The core expression of a node; raises Refused with the reason among the problems."""
        self._aliases_first, self._aggregates = aliases_first, aggregates
        return self._bind(node)

    def shown(self, node: Node) -> Expression:
        """The value of an item of the SELECT list.

        A name that only QRadar's own data gives is null where it is no more than shown: a repair.
        """
        call = self._call_behind(node)
        if call is None or self.context.findings.strict:
            return self.value(node, aggregates=True)
        self._aliases_first, self._aggregates = False, True
        reason = unknown_lookup(self.context, call, self._all(call.arguments))
        if not reason:
            return self.value(node, aggregates=True)
        name = call.name.upper()
        if isinstance(node, Name):
            mapped(self.context, node)
        message = f"{name} is shown as null: {reason}"
        self.context.findings.repair("lookup-as-null", message, node.span)
        return null(Type.STRING, node.span)

    def _call_behind(self, node: Node) -> Call | None:
        """The call that an item is, itself or through a property mapping."""
        if isinstance(node, Name) and field_named(self.context, node.text) is None:
            target = self.context.mappings.property(node.text)
            if target is not None and field_named(self.context, target) is None:
                source = Source(target)
                parsed = parse_expression(source, Findings(source))
                if isinstance(parsed, Call):
                    return placed(parsed, node.span)
            return None
        return node if isinstance(node, Call) else None

    def condition(
        self, node: Node, *, aliases_first: bool = False, aggregates: bool = False
    ) -> Expression:
        """Like :meth:`value`, of a node that must be true or false."""
        return self._truth(self.value(node, aliases_first=aliases_first, aggregates=aggregates))

    def _truth(self, bound: Expression) -> Expression:
        if is_null(bound):
            return null(Type.BOOL, bound.span)
        if bound.type is not Type.BOOL:
            raise self.context.wrong_type(bound, "Boolean", "a condition is wanted here")
        return bound

    def _all(self, nodes: Sequence[Node], *, condition: bool = False) -> list[Expression]:
        """Every node bound; raises Refused when all are read and one was refused."""
        bound: list[Expression] = []
        refused: Refused | None = None
        for node in nodes:
            try:
                value = self._bind(node)
                bound.append(self._truth(value) if condition else value)
            except Refused as refusal:
                refused = refusal
        if refused is not None:
            raise refused
        return bound

    def _bind(self, node: Node) -> Expression:
        match node:
            case Name():
                return self._name(node)
            case Text():
                return text(node.value, node.span)
            case Number():
                kind = Type.LONG if isinstance(node.value, int) else Type.REAL
                return Literal(node.value, kind, node.span)
            case Truth():
                return Literal(node.value, Type.BOOL, node.span)
            case Null():
                return null(Type.STRING, node.span)
            case Call():
                arguments = self._all(self._arguments(node))
                return bind_call(self.context, node, arguments, aggregates=self._aggregates)
            case Logic():
                joined = self._all(node.conditions, condition=True)
                return apply(node.operator, *joined, span=node.span)
            case Unary():
                return self._unary(node)
            case Binary():
                return self._binary(node)
            case Case():
                return self._case(node)
            case TextSearch():
                reason = "it asks the index of payloads that QRadar keeps"
                hint = "write UTF8(payload) ILIKE '%text%'"
                raise self.context.unsupported("TEXT SEARCH", node.span, reason, hint)
            case _:
                return self._predicate(node)

    def _arguments(self, call: Call) -> list[Node]:
        """A call's arguments; where a lookup takes a value, a string that is an alias means it."""
        first = KEYS.get(call.name.upper(), len(call.arguments))
        return [
            Name(node.value, True, node.span)
            if index >= first and isinstance(node, Text) and node.value.lower() in self.aliases
            else node
            for index, node in enumerate(call.arguments)
        ]

    # --- names --------------------------------------------------------------------------------

    def _name(self, node: Name) -> Expression:
        lower = node.text.lower()
        aliased = self.aliases.get(lower) if f"alias:{lower}" not in self._open else None
        column = field_named(self.context, node.text)
        first = self._aliases_first and (self._aggregates or not _folds(aliased))
        if aliased is not None and (first or column is None):
            return self._through(f"alias:{lower}", aliased)
        own = defined(self.context, node.text, column, node.span)
        if own is not None:
            return own
        if column is not None:
            return self.context.column(column, node.span)
        if lower == "sessionid" and self.context.session is not None:
            return Column(self.context.session, node.span)
        mapping = f"property:{lower}" not in self._open
        target = mapped(self.context, node) if mapping else None
        if target is None:
            raise unknown(self.context, node)
        stock = field_named(self.context, target)
        own = defined(self.context, target, stock, node.span)
        if own is not None:
            return own
        if stock is not None:
            return self.context.column(stock, node.span)
        return self._mapped_expression(node, target)

    def _through(self, name: str, node: Node) -> Expression:
        """What an alias stands for; inside it names are fields before they are aliases."""
        if len(self._open) > 20:
            message = "aliases refer to each other more than 20 deep"
            raise self.context.refuse(TOO_DEEP, "limit", message, node.span)
        first, self._aliases_first = self._aliases_first, False
        self._open.append(name)
        try:
            return self._bind(node)
        finally:
            self._open.pop()
            self._aliases_first = first

    def _mapped_expression(self, node: Name, target: str) -> Expression:
        source = Source(target, f"property:{node.text}")
        findings = Findings(source)
        parsed = parse_expression(source, findings, lambda: self.context.spelled.keys())
        if parsed is None:
            message = f"the mapping of '{node.text}' is no AQL: {target}"
            hint = findings.problems[0].message if findings.problems else ""
            raise self.context.refuse(UNKNOWN_FIELD, "name", message, node.span, hint=hint)
        return self._through(f"property:{node.text.lower()}", placed(parsed, node.span))

    # --- operators ----------------------------------------------------------------------------

    def _unary(self, node: Unary) -> Expression:
        operand = self._bind(node.operand)
        if node.operator == "not":
            return apply("not", self._truth(operand), span=node.span)
        number = number_of(self.context, operand)
        if node.operator == "+":
            return number
        if isinstance(number, Literal) and isinstance(number.value, int | float):
            return Literal(-number.value, number.type, node.span)
        return apply("negate", number, span=node.span)

    def _binary(self, node: Binary) -> Expression:
        written = [isinstance(side, Null) for side in (node.left, node.right)]
        if node.operator in OF_NULL and any(written):
            return self._of_null(node, node.left if written[1] else node.right)
        left, right = self._all((node.left, node.right))
        if node.operator in COMPARISONS:
            names = self._named_types(left, [right], "equal")
            others = self._named_types(right, [left], "equal")
            return compare(self.context, node.operator, names, others, node.span)
        left, right = (number_of(self.context, side) for side in (left, right))
        if node.operator in ARITHMETIC:
            return apply(ARITHMETIC[node.operator], left, right, span=node.span)
        if node.operator in BITWISE:
            whole = (apply("to_long", side, span=side.span) for side in (left, right))
            return apply(BITWISE[node.operator], *whole, span=node.span)
        return apply("power", *(as_real(side) for side in (left, right)), span=node.span)

    def _of_null(self, node: Binary, value: Node) -> Expression:
        """``x = NULL`` and ``x <> NULL``, which IBM's pages write for IS NULL and IS NOT NULL."""
        found = apply("is_null", self._bind(value), span=node.span)
        return apply("not", found, span=node.span) if OF_NULL[node.operator] else found

    def _predicate(self, node: Match | Between | In | InQuery | IsNull) -> Expression:
        if isinstance(node, InQuery):
            listed = subqueries.test(self.context, self._bind(node.value), node)
            return apply("not", listed, span=node.span) if node.negated else listed
        if isinstance(node, IsNull):
            found: Expression = apply("is_null", self._bind(node.value), span=node.span)
        elif isinstance(node, Match):
            found = self._match(node)
        elif isinstance(node, In):
            found = self._in(node)
        else:
            value, low, high = self._all((node.value, node.low, node.high))
            above = compare(self.context, ">=", value, low, node.span)
            below = compare(self.context, "<=", value, high, node.span)
            found = apply("and", above, below, span=node.span)
        return apply("not", found, span=node.span) if node.negated else found

    def _in(self, node: In) -> Expression:
        value, *items = self._all((node.value, *node.items))
        if not node.listed:
            return self._in_unlisted(node, value, items[0])
        value = self._named_types(value, items, "equal")
        equal = [compare(self.context, "=", value, item, node.span) for item in items]
        pairs = [e.arguments for e in equal]
        if all(a == pairs[0][0] and b.type is pairs[0][1].type for a, b in pairs):
            return apply("is_in", pairs[0][0], *(b for _, b in pairs), span=node.span)
        return equal[0] if len(equal) == 1 else apply("or", *equal, span=node.span)

    def _in_unlisted(self, node: In, value: Expression, item: Expression) -> Expression:
        network = isinstance(item, Literal) and "/" in str(item.value)
        reading = "INCIDR" if network else "="
        self.context.repair(
            "in-without-list",
            f"IN without parentheses is read as {reading}",
            item.span,
            "IN takes a list in parentheses",
        )
        if not network:
            return compare(self.context, "=", value, item, node.span)
        call = Call("INCIDR", (), False, False, node.span, node.span)
        return bind_call(self.context, call, (item, value), aggregates=False)

    def _match(self, node: Match) -> Expression:
        value, pattern = self._all((node.value, node.pattern))
        value, pattern = self._text(value, node), self._text(pattern, node)
        value = self._named_types(value, [pattern], node.operator)
        if node.operator in ("matches", "imatches"):
            return self._regular(node, value, pattern)
        if isinstance(pattern, Literal) and isinstance(pattern.value, str):
            self._advise_trailing_space(pattern, pattern.value)
        operation = "text_like_ignore_case" if node.operator == "ilike" else "text_like"
        return apply(operation, value, pattern, span=node.span)

    def _text(self, value: Expression, node: Match) -> Expression:
        if value.type is Type.STRING:
            return value
        if value.type in NUMBERS:
            self.context.repair(
                "number-as-text",
                f"a number is read as text by {node.operator.upper()}",
                value.span,
                'Wrong argument type: "Long". "String" is required.',
            )
            return as_text(value)
        hint = "write UTF8(payload)" if value.type is Type.BINARY else ""
        raise self.context.wrong_type(value, "String", hint)

    def _regular(self, node: Match, value: Expression, pattern: Expression) -> Expression:
        if not isinstance(pattern, Literal) or not isinstance(pattern.value, str):
            what = f"{node.operator.upper()} with a pattern that is not written in the query"
            raise self.context.unsupported(what, pattern.span)
        try:
            expression = to_re2(pattern.value, node.operator == "imatches")
        except Untranslatable as lack:
            what = f"{lack} in a regular expression (at character {lack.position + 1})"
            raise self.context.unsupported(what, pattern.span) from None
        found = inside_a_value(pattern.value)
        if found is not None:
            self.context.findings.advise(
                UNANCHORED_PATTERN,
                f"{node.operator.upper()} must match the whole value: '{pattern.value}' matches "
                "only values that are exactly that",
                pattern.span,
                hint=f"write '{found}'",
                fix=self.context.written(pattern, found),
            )
        return apply("text_matches_whole", value, text(expression, pattern.span), span=node.span)

    def _named_types(
        self, value: Expression, others: Sequence[Expression], operator: str
    ) -> Expression:  # fmt: skip
        """A log source type's name as conditions read it: a mapping may add names to it."""
        if not is_type_name(value):
            return value
        return compared_name(self.context, value, others, operator)

    def _advise_trailing_space(self, at: Literal, pattern: str) -> None:
        bare = pattern.rstrip("%")
        if bare != pattern and bare.endswith(" ") and bare.strip("% "):
            word = bare.strip("% ")
            self.context.findings.advise(
                TRAILING_SPACE,
                f"'{pattern}' needs a space behind '{word}': at the end of a value it is missed",
                at.span,
                fix=self.context.written(at, bare.rstrip() + pattern[len(bare) :]),
            )

    # --- choice -------------------------------------------------------------------------------

    def _case(self, node: Case) -> Expression:
        conditions = self._conditions(node)
        values = self._all([value for _, value in node.branches])
        last = (
            self._bind(node.default) if node.default is not None else null(Type.STRING, node.span)
        )
        *values, last = self._of_one_type([*values, last])
        branches = [e for pair in zip(conditions, values, strict=True) for e in pair]
        return apply("case", *branches, last, span=node.span)

    def _conditions(self, node: Case) -> list[Expression]:
        tested = [condition for condition, _ in node.branches]
        if node.subject is None:
            return self._all(tested, condition=True)
        subject, *wanted = self._all([node.subject, *tested])
        return [compare(self.context, "=", subject, w, w.span) for w in wanted]

    def _of_one_type(self, values: Sequence[Expression]) -> list[Expression]:
        kinds = {v.type for v in values if not is_null(v)} or {Type.STRING}
        if len(kinds) == 1 or kinds <= NUMBERS:
            widest = Type.REAL if Type.REAL in kinds else Type.LONG
            kind = next(iter(kinds)) if len(kinds) == 1 else widest
            return [null(kind, v.span) if is_null(v) else v for v in values]
        wrong = next((v for v in values if v.type is Type.BINARY), None)
        if wrong is not None:
            raise self.context.wrong_type(wrong, "String", "choose UTF8(payload)")
        return [as_text(v) for v in values]
