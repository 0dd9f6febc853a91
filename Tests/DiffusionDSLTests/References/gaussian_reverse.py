"""Exact reverse steps and exact bounds for Gaussian data.

    python3 gaussian_reverse.py              (numpy; one second; writes gaussian_reverse.json)

One dimension; a model of D independent dimensions has the sum. Data N(m, s^2), forward steps
q(x_t|x_{t-1}) = N(sqrt(1-beta_t) x_{t-1}, beta_t). All marginals are Gaussian, x_t ~ N(sqrt(abar_t) m, v_t),
v_t = abar_t s^2 + 1 - abar_t, so the true reverse step is

    q(x_{t-1}|x_t) = N(A_t x_t + B_t, C_t),  A_t = sqrt(alpha_t) v_{t-1} / v_t,
    B_t = (sqrt(abar_{t-1}) - A_t sqrt(abar_t)) m,  C_t = beta_t v_{t-1} / v_t.

Model: the mean A_t x_t + B_t, which is optimal for every fixed variance too, with one of three variances:
"exact" C_t, "forward" beta_t, "posterior" beta_t (1-abar_{t-1}) / (1-abar_t) (beta_1 at t = 1).
Last step: "learned" is such a step at t = 1; "fixed" is N(sqrt(1-beta_1) x_1, beta_1).

The bound K, averaged over the data, is computed in two ways that share nothing but the model:
 1. term by term: -KL(q(x_T|x_0)||pi) - sum_{t>=2} E KL(q(x_{t-1}|x_t,x_0)||p(x_{t-1}|x_t)) + L_0;
 2. as E_q[log p(x_0..T) - log q(x_1..T|x_0)], from the mean and covariance of the whole path (x_0, ..., x_T).
With exact variances there is a third: -KL(q(x_T)||pi) - H(X_0), or -KL(q(x_T)||pi) - H(X_1) +
E[log pi(x_0) - log pi(x_1)] with the fixed last step. All agree to 1e-9 or the program stops.

Table: schedules (betas for T = 10 and 40; null where a beta would leave (0, 1]); and for each case the
parameters, A, B, C, the K in nats by variance and last step, and K(x_0) of three single examples.
"""
import math

import numpy as np

from reference import save

LOG2PI = math.log(2 * math.pi)


def constant_erasure(T):
    return [1 / (T - t + 1) for t in range(1, T + 1)]


def linear(T):
    betas = [b * 1000 / T for b in np.linspace(1e-4, 0.02, T)]
    return betas if max(betas) <= 1 else None


def cosine(T):
    def f(t):
        return math.cos((t / T + 0.008) / 1.008 * math.pi / 2) ** 2
    return [min(1 - f(t) / f(t - 1), 0.999) for t in range(1, T + 1)]


def geometric(T, first, last=0.6):
    """The list given to Fixed."""
    return [first * (last / first) ** (i / (T - 1)) for i in range(T)]


class Model:
    """Arrays are indexed by t = 0...T; entry 0 of a step's quantity is unused."""

    def __init__(self, betas, m, s):
        self.T, self.m, self.s = len(betas), m, s
        self.beta = np.array([0.0] + list(betas))
        self.abar = np.cumprod(1 - self.beta)
        # 1 - abar_t by its own recursion, 1 - abar_t = (1 - abar_{t-1}) alpha_t + beta_t: nothing cancels.
        self.noise = np.zeros(self.T + 1)
        for t in range(1, self.T + 1):
            self.noise[t] = self.noise[t - 1] * (1 - self.beta[t]) + self.beta[t]
        self.v = self.abar * s * s + self.noise
        self.A, self.B, self.C = np.zeros(self.T + 1), np.zeros(self.T + 1), np.zeros(self.T + 1)
        self.posterior = np.zeros(self.T + 1)
        for t in range(1, self.T + 1):
            self.A[t] = math.sqrt(1 - self.beta[t]) * self.v[t - 1] / self.v[t]
            self.B[t] = (math.sqrt(self.abar[t - 1]) - self.A[t] * math.sqrt(self.abar[t])) * m
            self.C[t] = self.beta[t] * self.v[t - 1] / self.v[t]
            self.posterior[t] = self.beta[t] * self.noise[t - 1] / self.noise[t]
        self.posterior[1] = self.beta[1]

    def step(self, t, variance, last):
        """A, B and the variance of p(x_{t-1}|x_t)."""
        if t == 1 and last == "fixed":
            return math.sqrt(1 - self.beta[1]), 0.0, self.beta[1]
        return self.A[t], self.B[t], {"exact": self.C, "forward": self.beta, "posterior": self.posterior}[variance][t]

    def by_terms(self, variance, last):
        second = self.m ** 2 + self.s ** 2  # E x_0^2
        K = -(self.abar[-1] * (second - 1) - math.log(self.noise[-1])) / 2
        for t in range(2, self.T + 1):
            A, B, C = self.step(t, variance, last)
            q = self.posterior[t]
            a = math.sqrt(self.abar[t - 1]) * self.beta[t] / self.noise[t]
            b = math.sqrt(1 - self.beta[t]) * self.noise[t - 1] / self.noise[t] - A
            # The means differ by a x_0 + b x_t - B, and x_t = sqrt(abar_t) x_0 + sqrt(1-abar_t) e.
            g = a + b * math.sqrt(self.abar[t])
            square = (g * self.m - B) ** 2 + (g * self.s) ** 2 + b * b * self.noise[t]
            K -= (math.log(C / q) + (q + square) / C - 1) / 2
        if last == "fixed":
            return K - self.beta[1] * (second - 1) / 2 - (LOG2PI + 1 + math.log(self.beta[1])) / 2
        A, B, C = self.step(1, variance, last)
        g = 1 - A * math.sqrt(1 - self.beta[1])
        square = (g * self.m - B) ** 2 + (g * self.s) ** 2 + A * A * self.beta[1]
        return K - (LOG2PI + math.log(C) + square / C) / 2

    def by_path(self, variance, last, x0=None):
        """From the path's mean and covariance; with x0, of the paths that start there."""
        n = self.T + 1
        mean, cov = np.zeros(n), np.zeros((n, n))
        mean[0], cov[0, 0] = (self.m, self.s ** 2) if x0 is None else (x0, 0.0)
        for t in range(1, n):
            root = math.sqrt(1 - self.beta[t])
            mean[t] = root * mean[t - 1]
            cov[t, :t] = cov[:t, t] = root * cov[t - 1, :t]
            cov[t, t] = root * root * cov[t - 1, t - 1] + self.beta[t]

        def expected_log_normal(row, constant, var):
            """E log N(row . x + constant; 0, var)."""
            return -(LOG2PI + math.log(var) + ((row @ mean + constant) ** 2 + row @ cov @ row) / var) / 2
        unit = np.eye(n)
        K = expected_log_normal(unit[-1], 0, 1)
        for t in range(1, n):
            A, B, C = self.step(t, variance, last)
            K += expected_log_normal(unit[t - 1] - A * unit[t], -B, C)
            K -= expected_log_normal(unit[t] - math.sqrt(1 - self.beta[t]) * unit[t - 1], 0, self.beta[t])
        return K

    def by_reversal(self, last):
        mean = math.sqrt(self.abar[-1]) * self.m
        K = -(self.v[-1] + mean ** 2 - 1 - math.log(self.v[-1])) / 2
        if last == "learned":
            return K - (LOG2PI + 1 + math.log(self.s ** 2)) / 2
        return (K - (LOG2PI + 1 + math.log(self.v[1])) / 2
                - self.beta[1] * (self.m ** 2 + self.s ** 2 - 1) / 2)


def case(schedule, betas, m, s):
    model = Model(betas, m, s)
    assert np.allclose(model.noise, 1 - model.abar, atol=1e-13)
    row = {"schedule": schedule, "steps": model.T, "m": m, "s": s, "beta": model.beta[1:].tolist(),
           "A": model.A[1:].tolist(), "B": model.B[1:].tolist(), "C": model.C[1:].tolist(),
           "negative_entropy": -(LOG2PI + 1 + math.log(s * s)) / 2, "K": {}}
    for last in ("fixed", "learned"):
        row["K"][last] = {}
        for variance in ("exact", "forward", "posterior"):
            one, two = model.by_terms(variance, last), model.by_path(variance, last)
            assert abs(one - two) < 1e-9 * max(1, abs(one)), (schedule, last, variance, one, two)
            row["K"][last][variance] = one
        assert abs(row["K"][last]["exact"] - model.by_reversal(last)) < 1e-9
    row["examples"] = [{"x0": x0, **{last: model.by_path("exact", last, x0) for last in ("fixed", "learned")}}
                       for x0 in (-1.0, 0.5, 2.0)]
    return row


if __name__ == "__main__":
    schedules = {"ConstantErasure": constant_erasure, "Linear": linear, "Cosine": cosine}
    table = {"unit": "nats", "schedules": [{"schedule": name, "steps": T, "beta": make(T)}
                                           for name, make in schedules.items() for T in (10, 40)]}
    table["cases"] = [case(name, make(T), m, s)
                      for name, make in schedules.items() for T in (10, 40) if make(T)
                      for m, s in ((0.0, 1.0), (0.0, 0.5), (0.7, 0.3), (-1.5, 2.0))]
    table["cases"] += [case("Fixed", geometric(T, first), m, s)
                       for T, first in ((2, 0.1), (3, 1e-2), (10, 1e-3), (40, 1e-4))
                       for m, s in ((0.0, 0.5), (0.7, 0.3), (-1.5, 2.0))]
    for row in table["cases"]:
        print(f"{row['schedule']:>16} T={row['steps']:<3} m={row['m']:<5} s={row['s']:<4}"
              f" K fixed {row['K']['fixed']['exact']:.6f} learned {row['K']['learned']['exact']:.6f}"
              f" -H {row['negative_entropy']:.6f} nats")
    save(__file__, table)
