"""Truth, comparison and choice.

Three families of comparison stand side by side, so that no language's null rule is left to an
engine: the plain ones propagate null (SQL, AQL), the ``_or_false`` and ``_or_true`` ones are Kusto's
(one null operand decides, two give null).
"""

from vedette.plan.operations.base import Null, operation

_KUSTO = "null only where both operands are null"

OPERATIONS = (
    operation("and(conditions: bool...) -> bool", "three-valued and", Null.OWN),
    operation("or(conditions: bool...) -> bool", "three-valued or", Null.OWN),
    operation("not(condition: bool) -> bool", "negation"),
    operation("is_null(value: any) -> bool", "whether the value is null", Null.NEVER),
    operation("is_true(condition: bool) -> bool", "true for true, false for false and null", Null.NEVER),
    operation("equals(left: T, right: T) -> bool", "equality"),
    operation("not_equals(left: T, right: T) -> bool", "inequality"),
    operation("less(left: T:ordered, right: T:ordered) -> bool", "left < right"),
    operation("less_or_equal(left: T:ordered, right: T:ordered) -> bool", "left <= right"),
    operation("greater(left: T:ordered, right: T:ordered) -> bool", "left > right"),
    operation("greater_or_equal(left: T:ordered, right: T:ordered) -> bool", "left >= right"),
    operation("equals_or_false(left: T, right: T) -> bool", f"equality, false with one null, {_KUSTO}", Null.OWN),
    operation("not_equals_or_true(left: T, right: T) -> bool", f"inequality, true with one null, {_KUSTO}", Null.OWN),
    operation("equals_or_both_null(left: T, right: T) -> bool", "equality that holds two nulls equal, and one null and a value not", Null.NEVER),
    operation("is_in(value: T, items: T...) -> bool", "equal to one of the items, as SQL's IN", Null.OWN),
    operation("is_in_or_false(value: T, items: T...) -> bool", "equal to one of the items; false for a null value", Null.NEVER),
    operation("case(branches: any...) -> dynamic", "condition, value, condition, value …, default: the value behind the first true condition", Null.OWN),
    operation("first_not_null(values: T...) -> T", "the first value that is not null", Null.OWN),
    operation("null_if_equal(value: T, other: T) -> T", "the value, null where it equals the other", Null.OWN),
    operation("or_empty(text: string) -> string", "the text, empty where it is null", Null.NEVER),
    operation("agreed(one: bool, other: bool, message: string) -> bool", "what both say; fails the run with the message where one says something else than the other", Null.OWN),
)  # fmt: skip
