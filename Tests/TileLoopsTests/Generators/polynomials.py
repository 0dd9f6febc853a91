#!/usr/bin/env python3
"""Prints Sources/CTileLoops/tile_coefficients.h: the polynomials and split constants of tile_math.h.

Each polynomial interpolates its function at the Chebyshev nodes of the interval, in 60 digits, which is within a few
per cent of the minimax polynomial. The printed error is the largest one of the quantity named, relative to the result.
Run: python3 polynomials.py > ../../../Sources/CTileLoops/tile_coefficients.h
"""
from mpmath import mp, mpf, cos, exp, log, log1p, sin, expm1, atanh, sqrt, pi, matrix, lu_solve, nstr, floor

mp.dps = 60


def chebyshev_fit(function, low, high, degree):
    nodes = [(low + high) / 2 + (high - low) / 2 * cos(pi * (2 * k + 1) / (2 * (degree + 1))) for k in range(degree + 1)]
    rows = matrix(degree + 1, degree + 1)
    values = matrix(degree + 1, 1)
    for i, x in enumerate(nodes):
        values[i] = function(x)
        for j in range(degree + 1):
            rows[i, j] = x**j
    return list(lu_solve(rows, values))


def trimmed(text):
    head, exponent = text.split("p")
    return head.rstrip("0").rstrip(".") + "p" + exponent


def rounded(value, single):
    """Nearest float or double, as mpf, with its hexadecimal text."""
    value = mpf(value)
    bits = 24 if single else 53
    exponent = int(floor(log(abs(value), 2))) - bits + 1
    kept = mpf(int(mp.nint(value / mpf(2) ** exponent))) * mpf(2) ** exponent
    return kept, trimmed(float(kept).hex()) + ("f" if single else "")


def show(name, function, low, high, degree, single, error):
    name = ("TM_F32_" if single else "TM_F64_") + name
    low, high = mpf(low), mpf(high)
    pairs = [rounded(c, single) for c in chebyshev_fit(function, low, high, degree)]
    worst = 0
    for i in range(2001):
        x = low + (high - low) * (mpf(i) + mpf(1) / 3) / 2001
        value = sum(c * x**j for j, (c, _) in enumerate(pairs))
        worst = max(worst, abs(error(x, value)))
    ulp = worst * 2 ** (23 if single else 52)
    print(f"// {name}: degree {degree}, at most {nstr(ulp, 2)} ulp")
    for j, (_, text) in enumerate(pairs):
        print(f"#define {name}_{j} {text}")


def parts(name, value, sizes, single):
    """Splits a constant into parts of the given numbers of bits, counted from its leading bit; the last is rounded."""
    name = ("TM_F32_" if single else "TM_F64_") + name
    value = mpf(value)
    rest = value
    top = int(floor(log(value, 2))) + 1
    used = 0
    for i, size in enumerate(sizes):
        used += size
        unit = mpf(2) ** (top - used)
        part = mp.nint(rest / unit) * unit if i < len(sizes) - 1 else rounded(rest, single)[0]
        rest -= part
        print(f"#define {name}_{i} {rounded(part, single)[1]}")


print("""// Written by Tests/TileLoopsTests/Generators/polynomials.py, which says what is what.
// The errors are those of the polynomials alone, in exact arithmetic with rounded coefficients.
#pragma once""")
half = log(2) / 2
for single in (True, False):
    print("\n// float" if single else "\n// double")
    # The slightly lopsided interval keeps every node away from 0, where the quotient has no digits.
    show("EXP", lambda r: (expm1(r) - r) / r**2, -half * 1.003, half * 1.001, 4 if single else 9, single,
         lambda r, p: (1 + r + r**2 * p) / exp(r) - 1)
    if single:
        show("LOG", lambda f: (log1p(f) - f + f**2 / 2) / f**3, sqrt(mpf(0.5)) - 1, sqrt(mpf(2)) - 1, 7, single,
             lambda f, p: (f - f**2 / 2 + f**3 * p) / log1p(f) - 1)
    else:
        limit = (sqrt(mpf(2)) - 1) / (sqrt(mpf(2)) + 1)
        show("LOG", lambda z: (2 * atanh(sqrt(z)) / sqrt(z) - 2) / z, mpf(10) ** -9, limit**2, 6, single,
             lambda z, p: (2 + z * p) * sqrt(z) / (2 * atanh(sqrt(z))) - 1)
    show("ATANH", lambda z: (2 * atanh(sqrt(z)) / sqrt(z) - 2) / z, mpf(10) ** -9, mpf(1) / 9, 4 if single else 10,
         single, lambda z, p: (2 + z * p) * sqrt(z) / (2 * atanh(sqrt(z))) - 1)
    show("SIN", lambda z: (sin(sqrt(z)) / sqrt(z) - 1) / z, mpf(10) ** -9, (pi / 4 * 1.001) ** 2, 3 if single else 6,
         single, lambda z, p: (1 + z * p) * sqrt(z) / sin(sqrt(z)) - 1)
    show("COS", lambda z: (cos(sqrt(z)) - 1 + z / 2) / z**2, mpf(10) ** -6, (pi / 4 * 1.001) ** 2, 3 if single else 6,
         single, lambda z, p: (1 - z / 2 + z * z * p) / cos(sqrt(z)) - 1)
    parts("LN2", log(2), [15, 24] if single else [40, 53], single)
    print("#define TM_F32_LOG2E" if single else "#define TM_F64_LOG2E", rounded(1 / log(2), single)[1])
parts("HALF_PI", pi / 2, [33, 33, 53], False)
print("#define TM_F64_TWO_OVER_PI", rounded(2 / pi, False)[1])
