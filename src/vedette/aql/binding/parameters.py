"""The clause PARAMETERS: what it asks of a deployment; none of it changes what events there are."""

from __future__ import annotations

from collections.abc import Sequence

from vedette.aql.binding.context import Context
from vedette.aql.codes import ONE_SERVER, SYNTAX
from vedette.aql.reading.syntax_tree import Parameter

_SERVERS = frozenset({"REMOTESERVERS", "EXCLUDESERVERS"})
_PARAMETERS = _SERVERS | {"SNAPSHOTSIZE", "PROGRESSDETAILSRESOLUTION", "EXECUTIONTIMELIMIT"}


def are_known(parameters: Sequence[Parameter], context: Context) -> bool:
    """Whether QRadar has each of them; one that it has not is recorded as a problem."""
    unknown = [p for p in parameters if p.name.upper() not in _PARAMETERS]
    for parameter in unknown:
        message = f"AQL has no parameter '{parameter.name}'"
        hint = f"parameters are {', '.join(sorted(_PARAMETERS))}"
        context.refuse(SYNTAX, "syntax", message, parameter.span, hint=hint)
    for parameter in parameters:
        if parameter.name.upper() in _SERVERS:
            name = parameter.name.upper()
            message = f"{name} chooses among a deployment's servers; here all events are searched"
            context.findings.advise(ONE_SERVER, message, parameter.span)
    return not unknown
