"""Units of measure in Python: takes a value and two units' names, gives the value in the other.

A unit is worth so many of its quantity's own (degree, joule, newton, metre, kilogram, metre a
second, cubic metre); a temperature also begins at another zero.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from functools import cache

from vedette.engines.duckdb.computed.base import Computed
from vedette.plan.types import Type

_TURN = 180 / math.pi
_POUND, _FORCE, _FOOT, _SURVEY = 0.45359237, 4.4482216152605, 0.3048, 1200 / 3937
_GALLON, _IMPERIAL = 0.003785411784, 0.00454609
_BTU, _CALORIE, _VOLT = 1055.05585262, 4.184, 1.602176565e-19
_YEAR, _PARSEC = 9.46073047258e15, 3.08567758128e16
_THERMS = {"Ec": 1.05505585262e8, "Imperial": 1.05505585257348e8, "Us": 1.054804e8}

_SMALL = {"Deci": 0.1, "Centi": 0.01, "Milli": 1e-3, "Micro": 1e-6, "Nano": 1e-9}
_LARGE = {"Deca": 10.0, "Hecto": 1e2, "Kilo": 1e3, "Mega": 1e6, "Giga": 1e9, "Tera": 1e12}
_PREFIXES = {**_SMALL, **_LARGE}


def _prefixed(unit: str, worth: float, prefixes: str) -> dict[str, float]:
    """The unit with each prefix; a dot stands for the unit itself."""
    return {
        (unit.capitalize() if prefix == "." else prefix + unit): worth * _PREFIXES.get(prefix, 1.0)
        for prefix in prefixes.split()
    }


def _angles() -> dict[str, float]:
    return {
        "Degree": 1.0, "Arcminute": 1 / 60, "Arcsecond": 1 / 3600, "Gradian": 0.9,
        "NatoMil": 9 / 160, "Revolution": 360.0,
        **_prefixed("degree", 1.0, "Milli Micro Nano"),
        **_prefixed("radian", _TURN, ". Deci Centi Milli Micro Nano"),
    }  # fmt: skip


def _energies() -> dict[str, float]:
    therms = {f"Therm{kind}": worth for kind, worth in _THERMS.items()}
    tens = {f"Decatherm{kind}": worth * 10 for kind, worth in _THERMS.items()}
    return {
        "BritishThermalUnit": _BTU, "ElectronVolt": _VOLT, "Erg": 1e-7, "FootPound": 1.355817948,
        "HorsepowerHour": 2.6845195377e6, "WattDay": 86400.0, "WattHour": 3600.0,
        **therms, **tens,
        **_prefixed("joule", 1.0, ". Milli Kilo Mega Giga"),
        **_prefixed("calorie", _CALORIE, ". Kilo Mega"),
        **_prefixed("britishThermalUnit", _BTU, "Kilo Mega Giga"),
        **_prefixed("electronVolt", _VOLT, "Kilo Mega Giga Tera"),
        **_prefixed("wattHour", 3600.0, "Kilo Mega Giga Tera"),
        **_prefixed("wattDay", 86400.0, "Kilo Mega Giga Tera"),
    }  # fmt: skip


def _forces() -> dict[str, float]:
    return {
        "Dyn": 1e-5, "KilogramForce": 9.80665, "KiloPond": 9.80665, "TonneForce": 9806.65,
        "KilopoundForce": _FORCE * 1000, "PoundForce": _FORCE, "OunceForce": _FORCE / 16,
        "ShortTonForce": _FORCE * 2000, "Poundal": 0.138254954376,
        **_prefixed("newton", 1.0, ". Deca Kilo Mega Micro Milli"),
    }  # fmt: skip


def _lengths() -> dict[str, float]:
    return {
        "Angstrom": 1e-10, "AstronomicalUnit": 1.4959787070e11, "Chain": 20.1168,
        "DataMile": 1828.8, "DtpPica": 1 / 236.220472441, "DtpPoint": 0.0254 / 72,
        "Fathom": 1.8288, "Foot": _FOOT, "Hand": 0.1016, "Inch": 0.0254, "Microinch": 2.54e-8,
        "Mil": 2.54e-5, "Mile": 1609.344, "NauticalMile": 1852.0,
        "PrinterPica": 1 / 237.106301584, "PrinterPoint": 0.0254 / 72.27, "Shackle": 27.432,
        "SolarRadius": 6.957e8, "Twip": 1 / 56692.913385826, "UsSurveyFoot": _SURVEY,
        "Yard": 0.9144, "LightYear": _YEAR,
        **_prefixed("meter", 1.0, ". Deca Hecto Kilo Deci Centi Milli Micro Nano"),
        **_prefixed("lightYear", _YEAR, "Kilo Mega"),
        **_prefixed("parsec", _PARSEC, ". Kilo Mega"),
    }  # fmt: skip


def _masses() -> dict[str, float]:
    return {
        "EarthMass": 5.9722e24, "Grain": 1 / 15432.358352941431,
        "LongHundredweight": 1 / 0.01968413055222121, "LongTon": 1016.0469088,
        "Ounce": 0.028349523125, "ShortHundredweight": 1 / 0.022046226218487758,
        "ShortTon": 907.18474, "Slug": 1 / 0.06852176556196105, "SolarMass": 1.98947e30,
        "Stone": 1 / 0.1574731728702698, "Kilotonne": 1e6, "Megatonne": 1e9, "Tonne": 1e3,
        **_prefixed("gram", 1e-3, ". Deca Hecto Kilo Deci Centi Milli Micro Nano"),
        **_prefixed("pound", _POUND, ". Kilo Mega"),
    }  # fmt: skip


def _speeds() -> dict[str, float]:
    """Lengths per hour, minute and second, as far as Kusto has them."""
    lengths, found = _lengths(), {"Knot": 1852 / 3600}
    spans = {"Hour": 3600.0, "Minute": 60.0, "Second": 1.0}
    both = {"Decimeter": "Minute Second", "Micrometer": "Minute Second", "Mile": "Hour",
            "Nanometer": "Minute Second"}  # fmt: skip
    every = "Centimeter Foot Inch Kilometer Meter Millimeter UsSurveyFoot Yard"
    for length in (*every.split(), *both):
        for span in both.get(length, "Hour Minute Second").split():
            found[f"{length}Per{span}"] = lengths[length] / spans[span]
    return found


def _volumes() -> dict[str, float]:
    foot, inch = 2.8316846592e-2, 1.6387064e-5
    return {
        "AcreFoot": 1 / 0.000810714, "AuTablespoon": 2e-5, "BoardFoot": 2.3597372158e-3,
        "CubicCentimeter": 1e-6, "CubicDecimeter": 1e-3, "CubicFoot": foot,
        "CubicHectometer": 1e6, "CubicInch": inch, "CubicKilometer": 1e9, "CubicMeter": 1.0,
        "CubicMicrometer": 1e-18, "CubicMile": 4.16818182544058e9, "CubicMillimeter": 1e-9,
        "CubicYard": 0.764554858, "HectocubicFoot": foot * 1e2, "KilocubicFoot": foot * 1e3,
        "MegacubicFoot": foot * 1e6, "HectocubicMeter": 1e2, "KilocubicMeter": 1e3,
        "ImperialBeerBarrel": 0.16365924, "ImperialGallon": _IMPERIAL,
        "ImperialOunce": 2.84130625e-5, "ImperialPint": 5.6826125e-4,
        "KiloimperialGallon": _IMPERIAL * 1e3, "MegaimperialGallon": _IMPERIAL * 1e6,
        "MetricCup": 0.00025, "MetricTeaspoon": 0.5e-5, "OilBarrel": 0.158987294928,
        "UkTablespoon": 1.5e-5, "UsBeerBarrel": 0.1173477658, "UsCustomaryCup": 0.0002365882365,
        "UsGallon": _GALLON, "UsLegalCup": 0.00024, "UsOunce": 2.95735295625376e-5,
        "UsPint": 4.73176473e-4, "UsQuart": 9.46352946e-4, "UsTablespoon": 1.478676478125e-5,
        "UsTeaspoon": 4.92892159375e-6,
        **_prefixed("liter", 1e-3, ". Deca Hecto Kilo Mega Deci Centi Milli Micro"),
        **_prefixed("usGallon", _GALLON, "Deca Deci Hecto Kilo Mega"),
    }  # fmt: skip


_TEMPERATURES = {
    "Kelvin": (1.0, 0.0), "DegreeCelsius": (1.0, 273.15), "MillidegreeCelsius": (1e-3, 273.15),
    "DegreeDelisle": (-2 / 3, 373.15), "DegreeFahrenheit": (5 / 9, 459.67 * 5 / 9),
    "DegreeNewton": (100 / 33, 273.15), "DegreeRankine": (5 / 9, 0.0),
    "DegreeReaumur": (5 / 4, 273.15), "DegreeRoemer": (40 / 21, 273.15 - 7.5 * 40 / 21),
    "SolarTemperature": (5778.0, 0.0),
}  # fmt: skip


@cache
def _units(quantity: str) -> dict[str, tuple[float, float]]:
    """What each unit of a quantity is worth, and where its zero is."""
    if quantity == "temperature":
        return _TEMPERATURES
    make = {
        "angle": _angles, "energy": _energies, "force": _forces, "length": _lengths,
        "mass": _masses, "speed": _speeds, "volume": _volumes,
    }[quantity]  # fmt: skip
    return {unit: (worth, 0.0) for unit, worth in make().items()}


def _near(unit: str, known: dict[str, tuple[float, float]]) -> Iterator[str]:
    return (name for name in known if name.lower() == unit.lower())


def _converted(quantity: str, value: float, unit: str, other: str) -> float | None:
    known = _units(quantity)
    for given in (unit, other):
        spelled = next(_near(given, known), None)
        if given not in known and spelled is not None and given != "Tilt":
            raise ValueError(f"the unit {given!r} is written {spelled!r}")
    if quantity == "angle" and "Tilt" in (unit, other):
        return _tilted(value, unit, other)
    if unit not in known or other not in known:
        return None
    (worth, zero), (other_worth, other_zero) = known[unit], known[other]
    return value if unit == other else (value * worth + zero - other_zero) / other_worth


def _tilted(value: float, unit: str, other: str) -> float | None:
    """A tilt is the sine of its angle."""
    known = _units("angle")
    if {unit, other} - known.keys() - {"Tilt"}:
        return None
    if unit == other:
        return value
    if other == "Tilt":
        return math.sin(value * known[unit][0] / _TURN)
    return math.asin(value) * _TURN / known[other][0] if abs(value) <= 1 else math.nan


FUNCTIONS_OF_UNITS: dict[str, Computed] = {
    "unit_converted": Computed(
        (Type.STRING, Type.REAL, Type.STRING, Type.STRING), Type.REAL, _converted
    )
}
