"""Sets of characters in regular expressions: takes a class's text, gives its code points as ranges.

Only classes that RE2 cannot write are worked out here: complements inside a class, classes inside
classes, and their intersections and differences.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterable
from functools import cache
from itertools import groupby

Ranges = tuple[tuple[int, int], ...]
_LAST = sys.maxunicode

_ASSIGNED = 0x40000
"""Behind it are no characters but what is listed next: looking at each would take a second."""
_BEYOND = (
    (0x40000, 0xE0000, "Cn"), (0xE0001, 0xE0001, "Cf"), (0xE0002, 0xE001F, "Cn"),
    (0xE0020, 0xE007F, "Cf"), (0xE0080, 0xE00FF, "Cn"), (0xE0100, 0xE01EF, "Mn"),
    (0xE01F0, 0xEFFFF, "Cn"), (0xF0000, 0xFFFFD, "Co"), (0xFFFFE, 0xFFFFF, "Cn"),
    (0x100000, 0x10FFFD, "Co"), (0x10FFFE, _LAST, "Cn"),
)  # fmt: skip

POSIX: dict[str, Ranges] = {
    "alnum": ((48, 57), (65, 90), (97, 122)),
    "alpha": ((65, 90), (97, 122)),
    "ascii": ((0, 127),),
    "blank": ((9, 9), (32, 32)),
    "cntrl": ((0, 31), (127, 127)),
    "digit": ((48, 57),),
    "graph": ((33, 126),),
    "lower": ((97, 122),),
    "print": ((32, 126),),
    "punct": ((33, 47), (58, 64), (91, 96), (123, 126)),
    "space": ((9, 13), (32, 32)),
    "upper": ((65, 90),),
    "word": ((48, 57), (65, 90), (95, 95), (97, 122)),
    "xdigit": ((48, 57), (65, 70), (97, 102)),
}

CIRCLED: Ranges = (
    (0x24B6, 0x24E9), (0x1F130, 0x1F149), (0x1F150, 0x1F169), (0x1F170, 0x1F189),
)  # fmt: skip
"""Letters in circles and squares: alphabetic, but no letters by category."""
JOINERS: Ranges = ((0x200C, 0x200D),)

_SCRIPT_NAMES = (
    "Adlam Ahom Anatolian_Hieroglyphs Arabic Armenian Avestan Balinese Bamum Bassa_Vah Batak "
    "Bengali Bhaiksuki Bopomofo Brahmi Braille Buginese Buhid Canadian_Aboriginal Carian "
    "Caucasian_Albanian Chakma Cham Cherokee Chorasmian Common Coptic Cuneiform Cypriot "
    "Cypro_Minoan Cyrillic Deseret Devanagari Dives_Akuru Dogra Duployan Egyptian_Hieroglyphs "
    "Elbasan Elymaic Ethiopic Georgian Glagolitic Gothic Grantha Greek Gujarati Gunjala_Gondi "
    "Gurmukhi Han Hangul Hanifi_Rohingya Hanunoo Hatran Hebrew Hiragana Imperial_Aramaic "
    "Inherited Inscriptional_Pahlavi Inscriptional_Parthian Javanese Kaithi Kannada Katakana "
    "Kawi Kayah_Li Kharoshthi Khitan_Small_Script Khmer Khojki Khudawadi Lao Latin Lepcha "
    "Limbu Linear_A Linear_B Lisu Lycian Lydian Mahajani Makasar Malayalam Mandaic Manichaean "
    "Marchen Masaram_Gondi Medefaidrin Meetei_Mayek Mende_Kikakui Meroitic_Cursive "
    "Meroitic_Hieroglyphs Miao Modi Mongolian Mro Multani Myanmar Nabataean Nag_Mundari "
    "Nandinagari New_Tai_Lue Newa Nko Nushu Nyiakeng_Puachue_Hmong Ogham Ol_Chiki "
    "Old_Hungarian Old_Italic Old_North_Arabian Old_Permic Old_Persian Old_Sogdian "
    "Old_South_Arabian Old_Turkic Old_Uyghur Oriya Osage Osmanya Pahawh_Hmong Palmyrene "
    "Pau_Cin_Hau Phags_Pa Phoenician Psalter_Pahlavi Rejang Runic Samaritan Saurashtra "
    "Sharada Shavian Siddham SignWriting Sinhala Sogdian Sora_Sompeng Soyombo Sundanese "
    "Syloti_Nagri Syriac Tagalog Tagbanwa Tai_Le Tai_Tham Tai_Viet Takri Tamil Tangsa Tangut "
    "Telugu Thaana Thai Tibetan Tifinagh Tirhuta Toto Ugaritic Vai Vithkuqi Wancho "
    "Warang_Citi Yezidi Yi Zanabazar_Square "
)
SCRIPTS = frozenset(_SCRIPT_NAMES.split())
"""Scripts that RE2 has by these names."""


def union(sets: Iterable[Ranges]) -> Ranges:
    """What is in one of the sets."""
    merged: list[tuple[int, int]] = []
    for first, last in sorted(r for s in sets for r in s):
        if merged and first <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return tuple(merged)


def complement(ranges: Ranges) -> Ranges:
    """What is not in a set; surrogates, which no text holds, come and go."""
    found: list[tuple[int, int]] = []
    start = 0
    for first, last in union([ranges]):
        if start < first:
            found.append((start, first - 1))
        start = last + 1
    if start <= _LAST:
        found.append((start, _LAST))
    return tuple(found)


def intersection(left: Ranges, right: Ranges) -> Ranges:
    """What is in both sets."""
    return complement(union([complement(left), complement(right)]))


def combined(operator: str, left: Ranges, right: Ranges) -> Ranges:
    """``&&``: in both, ``--``: in the left one only, ``~~``: in just one."""
    if operator == "&&":
        return intersection(left, right)
    if operator == "--":
        return intersection(left, complement(right))
    return intersection(union([left, right]), complement(intersection(left, right)))


@cache
def of_category(name: str) -> Ranges:
    """The characters of a general category, such as ``L`` or ``Nd``."""
    return _categories().get(name) or union(
        ranges for category, ranges in _categories().items() if category[0] == name
    )


@cache
def _categories() -> dict[str, Ranges]:
    found: dict[str, list[tuple[int, int]]] = {}
    start = 0
    for category, run in groupby(map(unicodedata.category, map(chr, range(_ASSIGNED)))):
        code = start + sum(1 for _ in run)
        found.setdefault(category, []).append((start, code - 1))
        start = code
    for first, last, category in _BEYOND:
        found.setdefault(category, []).append((first, last))
    return {name: union([tuple(ranges)]) for name, ranges in found.items()}


@cache
def of_letter(letter: str) -> Ranges:
    """What ``\\d``, ``\\w`` or ``\\s`` stands for; a capital is the complement."""
    if letter.isupper():
        return complement(of_letter(letter.lower()))
    if letter == "d":
        return of_category("Nd")
    if letter == "s":
        return union([((9, 13), (0x85, 0x85)), of_category("Z")])
    return union([of_category(c) for c in ("L", "M", "Nd", "Nl", "Pc")] + [CIRCLED, JOINERS])


def written(ranges: Ranges) -> str:
    """A class of RE2 with these characters; one that matches nothing where there are none."""
    if not ranges:
        return r"[^\x{0}-\x{10FFFF}]"
    parts = (f"\\x{{{a:X}}}" if a == b else f"\\x{{{a:X}}}-\\x{{{b:X}}}" for a, b in ranges)
    return f"[{''.join(parts)}]"


def has_case(ranges: Ranges) -> bool:
    """Whether a letter among a few characters has another case."""
    codes = (c for a, b in ranges for c in range(a, min(b, a + 1000) + 1))
    return any(chr(c).lower() != chr(c) or chr(c).upper() != chr(c) for c in codes)
