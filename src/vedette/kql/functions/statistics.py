"""Functions of probability, random numbers, units of measure, and ``format_bytes``."""

from vedette.plan.library import function

_EXAMPLES = {
    "angle": ("180, 'Degree', 'Revolution'", "0.5"), "energy": ("2, 'WattHour', 'Kilojoule'", "7.2"),
    "force": ("1, 'TonneForce', 'KilogramForce'", "1000.0"), "length": ("3, 'Yard', 'Inch'", "108.0"),
    "mass": ("3, 'Kilogram', 'Gram'", "3000.0"), "speed": ("36, 'KilometerPerHour', 'MeterPerSecond'", "10.0"),
    "temperature": ("25, 'DegreeCelsius', 'Kelvin'", "298.15"), "volume": ("2, 'Hectoliter', 'CubicMeter'", "0.2"),
}  # fmt: skip

FUNCTIONS = (
    *(
        function(
            f"convert_{quantity}(value: real, unit: string, other: string) -> real",
            f"unit_converted('{quantity}', value, unit, other)",
            (f"round(convert_{quantity}({example}), 9)", value),
            (f"convert_{quantity}(1, 'Ell', 'Kelvin')", "real(null)"),
        )
        for quantity, (example, value) in _EXAMPLES.items()
    ),
    function("gamma(number: real) -> real", "gamma_of(number)", ("gamma(5)", "24.0")),
    function("loggamma(number: real) -> real", "log_gamma_of(number)", ("round(loggamma(5), 6)", "3.178054")),
    function("erf(number: real) -> real", "error_function(number)", ("erf(0)", "0.0")),
    function("erfc(number: real) -> real", "error_complement(number)", ("erfc(0)", "1.0")),
    function("beta_pdf(x: real, alpha: real, beta: real) -> real", "beta_density(x, alpha, beta)", ("round(beta_pdf(0.5, 10.0, 20.0), 6)", "0.746176"), ("beta_pdf(1.5, 10.0, 20.0)", "real(nan)")),
    function("beta_cdf(x: real, alpha: real, beta: real) -> real", "beta_share(x, alpha, beta)", ("round(beta_cdf(0.3, 10.0, 20.0), 6)", "0.364004"), ("beta_cdf(0.1, -1.0, 20.0)", "real(nan)")),
    function("beta_inv(probability: real, alpha: real, beta: real) -> real", "beta_value(probability, alpha, beta)", ("round(beta_inv(0.1, 10.0, 20.0), 6)", "0.226415"), ("beta_inv(1.5, 10.0, 20.0)", "real(null)")),
    function("welch_test(mean1: real, variance1: real, count1: real, mean2: real, variance2: real, count2: real) -> real", "welch_probability(mean1, variance1, count1, mean2, variance2, count2)", ("round(welch_test(20.82, 7.9, 15, 23.0, 3.9, 15), 3)", "0.021")),
    function("rand(number: long?) -> real", "case(less(0, number), to_real(to_long(multiply(random_share(), to_real(number)))), random_share())", ("rand(1)", "0.0"), number="0"),
    function("format_bytes(size: real, precision: long?, unit: string?) -> string", "or_empty(bytes_text(size, precision, unit))", ("format_bytes(564)", "'564 Bytes'"), ("format_bytes(10332, 1)", "'10.1 KB'"), ("format_bytes(20010332, 0, 'KB')", "'19541 KB'"), precision="0", unit="''"),
)  # fmt: skip
