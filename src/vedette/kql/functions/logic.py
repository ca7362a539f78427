"""Truth."""

from vedette.plan.library import function

FUNCTIONS = (
    function("not(condition: bool) -> bool", "not condition", ("not(false)", "true"), ("not(1 == 1)", "false")),
)  # fmt: skip
