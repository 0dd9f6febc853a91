"""Entropy of the swiss roll, and the ceiling of every bound on it that ends in the fixed last step.

    python3 swiss_roll_entropy.py            (numpy; about ten seconds; writes swiss_roll_entropy.json)

Data. u uniform on (0,1), a = 1.5 pi (1 + 2u), point (a cos a, a sin a); each coordinate standardised with the
mean m and standard deviation s of the noise-free curve; plus normal noise of standard deviation n; divided by
sqrt(1 + n^2). So E|x_0|^2 = 2 exactly. After the first forward step, x_1 = sqrt(1 - beta_1) x_0 + sqrt(beta_1) e.
Either is a curve r c(u), c the standardised curve, blurred by an isotropic normal of standard deviation sigma:

    x_0: r^2 = 1 / (1 + n^2),            sigma^2 = n^2 / (1 + n^2)
    x_1: r^2 = (1 - beta_1) / (1 + n^2), sigma^2 = (1 - beta_1) n^2 / (1 + n^2) + beta_1

Algorithm (portable: two nested sums).
 1. Cut the curve into panels of arc length about sigma and put an 8-point Gauss-Legendre rule on each, so that
    p(y) = integral over u of N(y; r c(u), sigma^2 I) = sum_i w_i N(y; r c(u_i), sigma^2 I).
 2. Put a square grid of step h = sigma / k over the plane. The normal factorises, so node i adds w_i times the
    outer product of two vectors, one per coordinate, to the patch of the grid within 12 sigma of it (what is
    beyond weighs exp(-72)).
 3. H = -h^2 sum p log p over the grid points with p > 0. For a function as smooth as a normal the trapezoidal
    rule converges faster than any power of h; h^2 sum p = 1 is the check.
The error quoted is the difference between k = 3 and k = 4 (and panels of 1 and 0.7 sigma).

Ceiling with the fixed last step p(x_0|x_1) = T_pi(x_0|x_1; beta_1), for any network:
-H(X_1) + E[log pi(x_0) - log pi(x_1)], whose second part is -beta_1 (E|x_0|^2 - 2) / 2 = 0 here.
"""
import math

import numpy as np

from reference import BITS, save

TURNS, START = 3 * math.pi, 1.5 * math.pi  # da/du, and a at u = 0


def curve(u):
    a = START + TURNS * u
    return np.stack([a * np.cos(a), a * np.sin(a)])


def gauss_legendre(panels, order):
    """Nodes and weights on (0,1), panels of equal width."""
    x, w = np.polynomial.legendre.leggauss(order)
    left = np.arange(panels)[:, None] / panels
    return (left + (x + 1) / 2 / panels).ravel(), np.tile(w / 2 / panels, panels)


def standardisation():
    u, w = gauss_legendre(64, 20)
    points = curve(u)
    mean = points @ w
    return mean, np.sqrt((points - mean[:, None]) ** 2 @ w)


MEAN, DEVIATION = standardisation()


def entropy(r, sigma, per_sigma, panel):
    """Entropy in nats of r c(u) + sigma e, and the error of the total probability."""
    # The standardised curve is nowhere longer per du than a TURNS / min(s) at the outer end.
    fastest = r * math.hypot(TURNS, TURNS * (START + TURNS)) / DEVIATION.min()
    u, w = gauss_legendre(math.ceil(fastest / (panel * sigma)), 8)
    x, y = r * (curve(u) - MEAN[:, None]) / DEVIATION[:, None]
    h = sigma / per_sigma
    reach = 12 * per_sigma
    low_x, low_y = x.min() / h - reach - 2, y.min() / h - reach - 2
    grid = np.zeros((math.ceil(x.max() / h + reach + 2 - low_x), math.ceil(y.max() / h + reach + 2 - low_y)))
    steps = np.arange(-reach, reach + 1)
    corner_x, corner_y = low_x * h, low_y * h
    for xi, yi, wi in zip(x, y, w):
        i, j = round((xi - corner_x) / h), round((yi - corner_y) / h)
        gx = np.exp(-((corner_x + (i + steps) * h - xi) / sigma) ** 2 / 2)
        gy = np.exp(-((corner_y + (j + steps) * h - yi) / sigma) ** 2 / 2)
        grid[i - reach:i + reach + 1, j - reach:j + reach + 1] += np.outer(wi * gx, gy)
    p = grid[grid > 0] / (2 * math.pi * sigma ** 2)
    return -h * h * float(np.sum(p * np.log(p))), abs(h * h * float(p.sum()) - 1)


def negative_entropy_bits(r, sigma):
    """The value in bits, and the difference between two resolutions as its error."""
    coarse, _ = entropy(r, sigma, 3, 1.0)
    fine, total = entropy(r, sigma, 4, 0.7)
    assert total < 1e-12, total
    return -fine * BITS, abs(fine - coarse) * BITS


if __name__ == "__main__":
    table = {"mean": MEAN.tolist(), "standard_deviation": DEVIATION.tolist(), "unit": "bits", "data": [],
             "ceilings": []}
    noise = 0.05
    value, error = negative_entropy_bits(1 / math.sqrt(1 + noise ** 2), noise / math.sqrt(1 + noise ** 2))
    print(f"-H(X_0) at noise {noise}: {value:.10f} +- {error:.1e}")
    table["data"].append({"noise": noise, "negative_entropy": value, "error": error})
    for noise, beta in [(0.05, b) for b in (1e-5, 1.4e-5, 1e-4, 1e-3, 1e-2)] + [
            (0.0, b) for b in (1e-5, 1.4e-5, 1e-4, 1e-3, 1e-2)]:
        r = math.sqrt((1 - beta) / (1 + noise ** 2))
        sigma = math.sqrt((1 - beta) * noise ** 2 / (1 + noise ** 2) + beta)
        value, error = negative_entropy_bits(r, sigma)
        print(f"ceiling = -H(X_1) at noise {noise}, beta_1 {beta}: {value:.10f} +- {error:.1e}")
        table["ceilings"].append({"noise": noise, "beta_1": beta, "ceiling": value, "error": error})
    save(__file__, table)
