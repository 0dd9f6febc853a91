#!/usr/bin/env python3
"""Writes correctly rounded double values of the elementary functions, as `function x y` with both as bit patterns.

Arguments are drawn with a fixed seed: over the range where the function is neither constant nor its own argument, over
every magnitude, and next to the limits. Run: python3 double_references.py [POINTS] > ../double_references.txt
"""
import random
import struct
import sys

from mpmath import mp, mpf
import mpmath

mp.dps = 50
# Digits beyond the exponent range are needed where 1 + e^-700 is told from 1.
WIDE = 700


def bits(x):
    return struct.unpack("<Q", struct.pack("<d", x))[0]


def wide(function):
    def evaluate(x):
        with mp.workdps(WIDE):
            return +function(x)
    return evaluate


def exact(function):
    return lambda x: function(x)


FUNCTIONS = {
    "exp": (exact(mpmath.exp), [(-708.3, 709.7), (-1, 1)], [709.78, -708.39]),
    "expm1": (wide(lambda x: mpmath.exp(x) - 1), [(-40, 709.7), (-2, 2)], [709.78]),
    "log": (exact(mpmath.log), [(0.25, 4), (0.99, 1.01)], [5e-324, 2.2250738585072014e-308, 1.7976931348623157e308]),
    "log1p": (wide(lambda x: mpmath.log(1 + x)), [(-1, 2), (-0.01, 0.01)], [-0.9999999999999999, 1.7976931348623157e308]),
    "tanh": (wide(mpmath.tanh), [(-20, 20), (-1, 1)], [19.06, 19.07]),
    "sigmoid": (wide(lambda x: 1 / (1 + mpmath.exp(-x))), [(-708, 40), (-2, 2)], [-708.3]),
    "softplus": (wide(lambda x: mpmath.log(1 + mpmath.exp(x))), [(-708, 40), (-2, 2)], [-708.3]),
    "sin": (exact(mpmath.sin), [(-10, 10), (-1e6, 1e6)], [3.141592653589793, 6.283185307179586]),
    "cos": (exact(mpmath.cos), [(-10, 10), (-1e6, 1e6)], [1.5707963267948966, 4.71238898038469]),
}


def magnitudes(name, generator, count):
    for _ in range(count):
        if name == "log":
            yield generator.uniform(1, 2) * 2.0 ** generator.randint(-1022, 1023)
        elif name == "log1p":
            yield generator.uniform(1, 2) * 2.0 ** generator.randint(-300, 1023)
        else:
            yield generator.choice((-1, 1)) * generator.uniform(1, 2) * 2.0 ** generator.randint(-300, 3)


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    for name, (function, ranges, limits) in FUNCTIONS.items():
        generator = random.Random(name)
        points = list(limits) + list(magnitudes(name, generator, count // 4))
        while len(points) < count:
            points.append(generator.uniform(*ranges[len(points) % len(ranges)]))
        for x in points:
            print(f"{name} {bits(x):016x} {bits(float(function(mpf(x)))):016x}")


main()
