#!/usr/bin/env python3
"""Reference values for the distributions and special functions, by mpmath.

Writes GoldenValues.swift beside itself: python3 generate.py
"""
import pathlib
import mpmath as mp

mp.mp.dps = 350  # so that 1 - 1e-300 is no 1
m = mp.mpf


def surprise(x):
    return -x * mp.log(x) if x > 0 else m(0)


def ratio(x, y):
    return x * mp.log(x / y) if x > 0 else m(0)


class Normal:
    def density(mu, s, x): return -((x - mu) / s) ** 2 / 2 - mp.log(s) - mp.log(2 * mp.pi) / 2
    def entropy(mu, s): return mp.log(2 * mp.pi * mp.e * s * s) / 2
    def kl(a, s, b, t): return mp.log(t / s) + (s * s + (a - b) ** 2) / (2 * t * t) - m(1) / 2


class Bernoulli:
    def density(p, x): return mp.log(p if x == 1 else 1 - p)
    def entropy(p): return surprise(p) + surprise(1 - p)
    def kl(p, q): return ratio(p, q) + ratio(1 - p, 1 - q)


class Binomial:
    def density(n, p, x):
        return mp.loggamma(n + 1) - mp.loggamma(x + 1) - mp.loggamma(n - x + 1) + x * mp.log(p) + (n - x) * mp.log(1 - p)
    def entropy(n, p):
        term, total = (1 - p) ** n, m(0)
        for k in range(int(n) + 1):
            total += surprise(term)
            term *= (n - k) / m(k + 1) * p / (1 - p)
        return total
    def kl(n, p, k, q): return n * Bernoulli.kl(p, q)


class Poisson:
    def density(l, x): return x * mp.log(l) - l - mp.loggamma(x + 1)
    def entropy(l):
        top = int(l + 40 * mp.sqrt(l) + 60)
        term, total = mp.exp(-l), m(0)
        for k in range(top):
            total += surprise(term)
            term *= l / (k + 1)
        return total
    def kl(a, b): return ratio(a, b) + b - a


class Gamma:
    def density(k, s, x): return (k - 1) * mp.log(x) - x / s - mp.loggamma(k) - k * mp.log(s)
    def entropy(k, s): return k + mp.log(s) + mp.loggamma(k) + (1 - k) * mp.digamma(k)
    def kl(k, s, j, t):
        return (k - j) * mp.digamma(k) - mp.loggamma(k) + mp.loggamma(j) + j * mp.log(t / s) + k * (s - t) / t


def lnbeta(a, b):
    return mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b)


class Beta:
    def density(a, b, x): return (a - 1) * mp.log(x) + (b - 1) * mp.log(1 - x) - lnbeta(a, b)
    def entropy(a, b):
        return (lnbeta(a, b) - (a - 1) * mp.digamma(a) - (b - 1) * mp.digamma(b) + (a + b - 2) * mp.digamma(a + b))
    def kl(a, b, c, d):
        return (lnbeta(c, d) - lnbeta(a, b) + (a - c) * mp.digamma(a) + (b - d) * mp.digamma(b)
                + (c - a + d - b) * mp.digamma(a + b))


class Uniform:
    def density(a, b, x): return -mp.log(b - a)
    def entropy(a, b): return mp.log(b - a)
    def kl(a, b, c, d): return mp.log((d - c) / (b - a))


DENSITIES = [
    (Normal, [(0, 1, 0), (0, 1, 38), (1e8, 3, 1e8 + 7), (-2, 1e-9, -2 + 1e-8), (0, 1e200, 3e201)]),
    (Bernoulli, [(1e-300, 1), (1e-300, 0), (1e-17, 0), (0.3, 1), (1 - 2.0**-53, 0)]),
    (Binomial, [(10, 0.3, 4), (10, 1e-200, 3), (1000, 1 - 1e-12, 1000), (1000, 1 - 1e-12, 998), (1000, 0.5, 0),
                (10**6, 0.25, 250_123), (10**9, 1e-8, 15), (2 * 10**9, 0.5, 10**9 + 10**5), (10**9, 0.999, 999 * 10**6)]),
    (Poisson, [(3.5, 2), (1e-100, 1), (1e-5, 4), (700, 0), (1e6, 1_001_234), (1e9, 10**9 - 54_321), (50, 400),
               (1e9, 3)]),
    (Gamma, [(2.5, 1.5, 3), (0.01, 1, 1e-300), (1e-6, 2, 1e-9), (0.5, 1, 40), (9.99, 1, 12), (10.01, 1, 12),
             (1e6, 1e-3, 1003), (1e12, 1, 1e12 + 3e6), (1, 2, 1e-300), (25, 3, 1e-10), (1e-3, 1e100, 1e90)]),
    (Beta, [(2, 3, 0.25), (0.5, 0.5, 1e-300), (0.01, 0.02, 0.999999), (1e6, 2e6, 0.3334), (1e6, 2, 0.999999),
            (15, 1e9, 2e-8), (1e-5, 1e5, 1e-6), (30, 40, 1e-10), (10, 10, 0.5), (9.99, 11, 0.5), (1e10, 1e10, 0.500003)]),
    (Uniform, [(-1, 3, 0), (1e-300, 3e-300, 2e-300)]),
]
ENTROPIES = [
    (Normal, [(0, 1), (5, 1e-150)]),
    (Bernoulli, [(0.3,), (1e-300,), (1e-10,), (1 - 2.0**-53,)]),
    (Binomial, [(10, 0.3), (1, 0.25), (1000, 1e-7), (5000, 0.999), (30_000, 0.5)]),
    (Poisson, [(1e-9,), (0.5,), (30,), (999,), (1001,), (4000,)]),
    (Gamma, [(2.5, 1.5), (1e-3, 1), (49, 1), (51, 1), (999, 2), (1001, 2), (1e9, 1), (1e-6, 3)]),
    (Beta, [(2, 3), (0.01, 0.02), (1, 1), (1e6, 2e6), (49, 1001), (1e10, 3), (1e-4, 1e4)]),
    (Uniform, [(-1, 3)]),
]
DIVERGENCES = [
    (Normal, [(0, 1, 1, 2), (0, 1, 0, 1 + 1e-9), (3, 1e-3, 0, 1e3)]),
    (Bernoulli, [(0.3, 0.6), (1e-300, 1e-10), (0.5, 0.5 + 1e-9), (1e-9, 2e-9)]),
    (Binomial, [(20, 0.3, 20, 0.6), (10**6, 0.1, 10**6, 0.1000001)]),
    (Poisson, [(3, 5), (1e8, 1e8 + 1), (1e-20, 2)]),
    (Gamma, [(2, 1, 3, 2), (1e6, 1, 1e6 + 1, 1), (0.01, 1, 5, 1), (5, 1, 0.01, 3), (1e4, 1, 1e4, 1.0001)]),
    (Beta, [(2, 3, 4, 1), (0.01, 0.02, 5, 6), (1e4, 2e4, 1e4 + 1, 2e4), (100, 50, 0.5, 0.25)]),
    (Uniform, [(0, 1, -1, 3)]),
]
FUNCTIONS = [
    ("logGamma", mp.loggamma, [1e-300, 0.5, 1.0000001, 3, 1e10]),
    ("digamma", mp.digamma, [1e-5, 0.3, 1.5, 100, 1e8]),
    ("normalCumulative", mp.ncdf, [-37, -5, -1e-9, 0.5, 6]),
    ("normalLogCumulative", lambda x: mp.log(mp.erfc(-x / mp.sqrt(2)) / 2), [-1e4, -40, -5, -0.1, 0.3, 3, 4.9, 5.1, 8]),
    ("normalQuantile", lambda p: mp.findroot(lambda x: mp.log(mp.ncdf(x) / p), -mp.sqrt(-2 * mp.log(p)) + m("0.5")),
     [1e-300, 1e-20, 1e-3, 0.2, 0.4999]),
    ("kolmogorovTail", lambda x: 1 - mp.sqrt(2 * mp.pi) / x * mp.nsum(
        lambda k: mp.exp(-((2 * k - 1) * mp.pi / x) ** 2 / 8), [1, mp.inf]) if x < 1 else
        2 * mp.nsum(lambda k: (-1) ** (int(k) - 1) * mp.exp(-2 * k * k * x * x), [1, 40], method="d"),
     [0.2, 0.5, 0.999, 1.001, 2.694]),
    ("chiSquareTail4", lambda x: mp.gammainc(2, x / 2, regularized=True), [0.1, 4, 100, 1000]),
    ("stirlingRemainder", lambda x: mp.loggamma(x) - ((x - m(1) / 2) * mp.log(x) - x + mp.log(2 * mp.pi) / 2),
     [1e-10, 9.9e-4, 1.1e-3, 0.3, 2, 57, 999, 1001, 1e8]),
    ("digammaMinusLog", lambda x: mp.digamma(x) - mp.log(x), [1e-10, 0.5, 3, 49, 51, 1e6]),
]


def literal(x):
    text = f"{float(x):_}"
    return text[:-2] if text.endswith(".0") and "e" not in text else text


def rows(table, method):
    for family, cases in table:
        for case in cases:
            value = getattr(family, method)(*[m(x) for x in case])
            arguments = ", ".join(literal(x) for x in case)
            yield f'    Golden(name: "{family.__name__}", arguments: [{arguments}], value: {literal(value)}),'


def function_rows():
    for name, function, points in FUNCTIONS:
        for x in points:
            yield f'    Golden(name: "{name}", arguments: [{literal(x)}], value: {literal(function(m(x)))}),'


lines = [
    "// Written by Golden/generate.py; do not edit.",
    "",
    "struct Golden: Sendable {",
    "  let name: String",
    "  let arguments: [Double]",
    "  let value: Double",
    "}",
    "",
    "enum GoldenValues {",
]
for name, content in [("densities", rows(DENSITIES, "density")), ("entropies", rows(ENTROPIES, "entropy")),
                      ("divergences", rows(DIVERGENCES, "kl")), ("functions", function_rows())]:
    lines += [f"  static let {name}: [Golden] = [", *content, "  ]", ""]
lines[-1] = "}"
pathlib.Path(__file__).with_name("GoldenValues.swift").write_text("\n".join(lines) + "\n")
