"""Signatures as one line of text: takes ``name(a: type, b: type?) -> type``, gives its parts.

A parameter's type is a type name, several joined by ``|``, a class of types (``any``, ``number``,
``whole``, ``ordered``, ``summable``) or a variable (one capital letter, with ``: class`` behind it
where it is bounded: ``T:number``): every argument of a variable is read as one common type, and a
result of that letter is that type. ``?`` marks what may be left out, ``...`` what repeats, ``...*``
what may also be absent.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from vedette.plan.types import CLASSES, Type, common_type, type_named


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter: the types it takes, its variable if it has one, and how often it stands."""

    name: str
    types: frozenset[Type]
    variable: str = ""
    optional: bool = False
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class Signature:
    """A function's name, parameters and result, which is a type or a variable's letter."""

    name: str
    parameters: tuple[Parameter, ...]
    result: Type | str
    text: str

    @property
    def least(self) -> int:
        """How many arguments must be given."""
        return sum(1 for p in self.parameters if not p.optional)

    @property
    def most(self) -> int | None:
        """How many arguments may be given; None where the last repeats."""
        repeats = self.parameters and self.parameters[-1].repeats
        return None if repeats else len(self.parameters)

    def takes(self, count: int) -> bool:
        """Whether *count* arguments fit."""
        return self.least <= count and (self.most is None or count <= self.most)

    def parameter(self, index: int) -> Parameter:
        """The parameter that argument *index* (from 0) belongs to."""
        return self.parameters[min(index, len(self.parameters) - 1)]

    def misfit(self, types: Sequence[Type]) -> int | None:
        """The index of the first argument whose type does not fit, or None."""
        bound: dict[str, Type] = {}
        single = len(self.parameters)  # from here on, all are of the last parameter
        for index, given in enumerate(types):
            if index > single and given is types[index - 1]:
                continue
            parameter = self.parameter(index)
            if given not in parameter.types:
                return index
            if parameter.variable:
                shared = common_type(bound.get(parameter.variable, given), given)
                if shared is None:
                    return index
                bound[parameter.variable] = shared
        return None

    def variables(self, types: Sequence[Type]) -> dict[str, Type]:
        """The type that each variable stands for with arguments of these types."""
        bound: dict[str, Type] = {}
        for index, given in enumerate(types):
            letter = self.parameter(index).variable
            if letter:
                bound[letter] = common_type(bound.get(letter, given), given) or given
        return bound

    def result_type(self, types: Sequence[Type]) -> Type:
        """The result's type for arguments of these types, which must fit."""
        if isinstance(self.result, Type):
            return self.result
        return self.variables(types).get(self.result, Type.DYNAMIC)


_SIGNATURE = re.compile(r"([\w:]+)\((.*)\) -> (\S+)")
_PARAMETER = re.compile(r"(\w+): ([\w|]+)(?::([\w|]+))?(\?)?(\.\.\.\*?)?")


def signature(text: str) -> Signature:
    """The signature that *text* writes; raises ValueError where it is not one."""
    match = _SIGNATURE.fullmatch(text)
    if match is None:
        raise ValueError(f"not a signature: {text}")
    parts = [p for p in match[2].split(", ") if p]
    result = match[3] if len(match[3]) == 1 else (type_named(match[3]) or _unknown(match[3], text))
    return Signature(match[1], tuple(_parameter(p, text) for p in parts), result, text)


def _parameter(text: str, whole: str) -> Parameter:
    match = _PARAMETER.fullmatch(text)
    if match is None:
        raise ValueError(f"not a parameter: {text!r} in {whole}")
    name, types, bound, optional, repeats = match.groups()
    variable = types if len(types) == 1 and types.isupper() else ""
    spelled = (bound or "any") if variable else types
    accepted = frozenset[Type]()
    for one in spelled.split("|"):
        accepted |= CLASSES.get(one) or frozenset({type_named(one) or _unknown(one, whole)})
    absent = bool(optional) or repeats == "...*"
    return Parameter(name, accepted, variable, absent, bool(repeats))


def _unknown(name: str, text: str) -> Type:
    raise ValueError(f"unknown type {name!r} in {text}")
