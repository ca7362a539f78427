"""Functions of probability, random numbers, units of measure, and sizes in bytes as text."""

from vedette.plan.operations.base import Null, operation

OPERATIONS = (
    operation("gamma_of(value: real) -> real", "the gamma function; NaN at its poles"),
    operation("log_gamma_of(value: real) -> real", "the natural logarithm of the gamma function's absolute value"),
    operation("error_function(value: real) -> real", "the error function"),
    operation("error_complement(value: real) -> real", "1 less the error function, exact for large values"),
    operation("beta_density(value: real, alpha: real, beta: real) -> real", "the density of the beta distribution; NaN where the value is not between 0 and 1 or a parameter is not positive"),
    operation("beta_share(value: real, alpha: real, beta: real) -> real", "the share of the beta distribution up to the value; NaN where the value is not from 0 to 1 or a parameter is not positive"),
    operation("beta_value(share: real, alpha: real, beta: real) -> real", "the value up to which the beta distribution has a share; null where the share is not from 0 to 1, NaN where a parameter is not positive"),
    operation("welch_probability(mean1: real, variance1: real, count1: real, mean2: real, variance2: real, count2: real) -> real", "the two-sided p-value of Welch's test; NaN of fewer than two values"),
    operation("random_share() -> real", "a random number from 0 to below 1, another one each row", Null.NEVER, by_chance=True),
    operation("bytes_text(size: real, digits: long, unit: string) -> string", "a size in bytes, KB … EB of 1,024 each, as text with that many decimal digits; the greatest unit that the size reaches where *unit* is empty; null for an unknown unit"),
    operation("unit_converted(quantity: string, value: real, unit: string, other: string) -> real", "the value in another unit of an angle, energy, force, length, mass, speed, temperature or volume; null for an unknown unit, an error for one spelled with other capitals"),
)  # fmt: skip
