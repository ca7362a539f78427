"""Arithmetic on numbers of one type; a language casts its operands first."""

from vedette.plan.operations.base import operation

OPERATIONS = (
    operation("add(left: T:number, right: T:number) -> T", "sum"),
    operation("subtract(left: T:number, right: T:number) -> T", "difference"),
    operation("multiply(left: T:number, right: T:number) -> T", "product"),
    operation("divide(left: T:number, right: T:number) -> T", "quotient; of whole numbers it is cut towards zero; null where a whole number is divided by zero"),
    operation("modulo(left: T:number, right: T:number) -> T", "the remainder that is never negative, as Kusto's %; null by zero"),
    operation("remainder(left: T:number, right: T:number) -> T", "the remainder with the sign of the left operand, as Java's and SQL's; null by zero"),
    operation("negate(value: T:summable) -> T", "the value with the other sign"),
    operation("absolute(value: T:number) -> T", "the value without its sign"),
    operation("bin_number(value: T:number, size: T:number) -> T", "the value rounded down to a multiple of the size; null where the size is not positive"),
    operation("power(base: real, exponent: real) -> real", "base to the power of exponent"),
    operation("bit_and(left: long, right: long) -> long", "bitwise and"),
    operation("bit_or(left: long, right: long) -> long", "bitwise or"),
    operation("bit_xor(left: long, right: long) -> long", "bitwise exclusive or"),
    operation("shift_left(value: long, bits: long) -> long", "shifted to the left"),
    operation("shift_right(value: long, bits: long) -> long", "shifted to the right"),
    operation("round_to(value: real, digits: long) -> real", "rounded half away from zero to decimal digits"),
    operation("hex_of(value: long) -> string", "in small hexadecimal digits, without leading zeros; a negative number as 64 bits"),
)  # fmt: skip
