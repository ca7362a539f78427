"""Elements of dynamic values, which take a declared type as they are and are not converted."""

from vedette.plan.operations.base import operation

OPERATIONS = (
    operation("only_numbers(value: dynamic) -> dynamic", "the value where it is a number, else null"),
    operation("only_bools(value: dynamic) -> dynamic", "the value where it is true or false, else null"),
    operation("only_strings(value: dynamic) -> dynamic", "the value where it is a string, a datetime or a timespan, else null"),
)  # fmt: skip
