"""Moments of the true reverse step, and the best bound with Gaussian steps, for Gaussian mixtures.

    python3 mixture_reverse.py               (numpy; about ten seconds; writes mixture_reverse.json)

Data: component k with weight w_k, mean m_k (a vector), variance s_k^2 in each dimension. Under q, x_t is a
mixture of N(sqrt(abar_t) m_k, v_tk), v_tk = abar_t s_k^2 + 1 - abar_t, and given x_t and k, x_{t-1} is Gaussian:

    mean M_k = sqrt(abar_{t-1}) m_k + A_k (x_t - sqrt(abar_t) m_k),  A_k = sqrt(alpha_t) v_{t-1,k} / v_tk,
    variance C_k = beta_t v_{t-1,k} / v_tk;  P(k|x_t) is proportional to w_k N(x_t; sqrt(abar_t) m_k, v_tk I).

So E[x_{t-1}|x_t] = sum_k P_k M_k and, for each coordinate, S_t(x_t) = sum_k P_k (C_k + M_k^2) - (sum_k P_k M_k)^2.
A diagonal Gaussian step with these moments is the best there is: it has E log p(x_{t-1}|x_t) =
-1/2 sum over coordinates of E log(2 pi e S_t(x_t)). Therefore, averaged over the data,

    K = E log pi(x_T) - 1/2 sum_t sum_d E log(2 pi e S_td(x_t)) + sum_t (D/2) log(2 pi e beta_t),

t from 1 with a learned last step; with the fixed one p(x_0|x_1) = N(sqrt(1-beta_1) x_1, beta_1) the terms of
t = 1 together are E[log pi(x_0) - log pi(x_1)] = -beta_1 (E|x_0|^2 - D) / 2.
The expectations over x_t are trapezoidal sums over a grid, which for normals converges faster than any power of
the step; the error quoted is the change from half as many points. A Monte Carlo run over whole paths, which uses
the definition K = E[log p(x_0..T) - log q(x_1..T|x_0)] and none of the above, has to agree to 5 standard errors.
"""
import itertools
import math

import numpy as np

from reference import save

LOG2PI = math.log(2 * math.pi)
MIXTURES = {
    "three components in one dimension": {
        "weights": [0.5, 0.3, 0.2], "means": [[-1.2], [0.4], [1.5]], "deviations": [0.3, 0.2, 0.4],
        "points": [[-2.0], [-0.6], [0.0], [0.9], [1.7]]},
    "two components in two dimensions": {
        "weights": [0.6, 0.4], "means": [[-0.8, 0.5], [1.0, -0.7]], "deviations": [0.4, 0.25],
        "points": [[-1.0, 0.5], [0.1, -0.1], [1.0, -1.0]]},
}


def geometric(T, first, last=0.6):
    return [first * (last / first) ** (i / (T - 1)) for i in range(T)]


class Path:
    def __init__(self, mixture, betas):
        self.w = np.array(mixture["weights"])
        self.m = np.array(mixture["means"])
        self.s2 = np.array(mixture["deviations"]) ** 2
        self.D, self.T = self.m.shape[1], len(betas)
        self.beta = np.array([0.0] + list(betas))
        self.abar = np.cumprod(1 - self.beta)

    def spread(self, t):
        return self.abar[t] * self.s2 + 1 - self.abar[t]

    def joint(self, x, t):
        """w_k N(x_t; k), shape [k, ...] for x of shape [D, ...]."""
        v = self.spread(t)
        centre = math.sqrt(self.abar[t]) * self.m
        shape = (-1,) + (1,) * (x.ndim - 1)
        square = sum((x[d] - centre[:, d].reshape(shape)) ** 2 for d in range(self.D))
        scale = (self.w * (2 * math.pi * v) ** (-self.D / 2)).reshape(shape)
        return scale * np.exp(-square / 2 / v.reshape(shape))

    def moments(self, x, t):
        """Mean and variance of each coordinate of x_{t-1} given x_t = x, and the density of x_t."""
        joint = self.joint(x, t)
        density = joint.sum(0)
        share = joint / np.maximum(density, 1e-300)
        before, now = self.spread(t - 1), self.spread(t)
        A = math.sqrt(1 - self.beta[t]) * before / now
        C = self.beta[t] * before / now
        mean, var = np.empty_like(x), np.empty_like(x)
        for d in range(self.D):
            M = [math.sqrt(self.abar[t - 1]) * self.m[k, d] + A[k] * (x[d] - math.sqrt(self.abar[t]) * self.m[k, d])
                 for k in range(len(self.w))]
            mean[d] = sum(p * M_k for p, M_k in zip(share, M))
            # About the mean, so that nothing cancels.
            var[d] = sum(p * (C_k + (M_k - mean[d]) ** 2) for p, C_k, M_k in zip(share, C, M))
        return mean, var, density

    def second_moment(self, t):
        """E|x_t|^2."""
        return float(self.w @ (self.abar[t] * (self.m ** 2).sum(1) + self.D * self.spread(t)))

    def step_entropy(self, t, points):
        """1/2 sum_d E log(2 pi e S_td(x_t)) on a grid of `points` per dimension."""
        axis = np.linspace(-9, 9, points)
        x = np.stack(np.meshgrid(*[axis] * self.D, indexing="ij"))
        _, var, density = self.moments(x, t)
        cell = (axis[1] - axis[0]) ** self.D
        assert abs(density.sum() * cell - 1) < 1e-10
        used = density > 1e-290
        return 0.5 * cell * float((density[used] * (np.log(var[:, used]) + LOG2PI + 1)).sum())

    def bound(self, last, entropies):
        K = -(self.D * LOG2PI + self.second_moment(self.T)) / 2
        for t in range(1, self.T + 1):
            if t == 1 and last == "fixed":
                K -= self.beta[1] * (self.second_moment(0) - self.D) / 2
            else:
                K += self.D / 2 * (LOG2PI + 1 + math.log(self.beta[t])) - entropies[t]
        return K

    def monte_carlo(self, last, count, seed):
        rng = np.random.default_rng(seed)
        k = rng.choice(len(self.w), size=count, p=self.w)
        x = (self.m[k] + np.sqrt(self.s2[k])[:, None] * rng.standard_normal((count, self.D))).T
        K = np.zeros(count)
        for t in range(1, self.T + 1):
            e = rng.standard_normal(x.shape)
            after = math.sqrt(1 - self.beta[t]) * x + math.sqrt(self.beta[t]) * e
            if t == 1 and last == "fixed":
                mean, var = math.sqrt(1 - self.beta[1]) * after, np.full_like(x, self.beta[1])
            else:
                mean, var, _ = self.moments(after, t)
            K += (-(np.log(var) + (x - mean) ** 2 / var) + math.log(self.beta[t]) + e ** 2).sum(0) / 2
            x = after
        K -= (LOG2PI + x ** 2).sum(0) / 2
        return K.mean(), K.std() / math.sqrt(count)


def case(name, mixture, T, first):
    path = Path(mixture, geometric(T, first))
    points = 6001 if path.D == 1 else 1201
    fine = {t: path.step_entropy(t, points) for t in range(1, T + 1)}
    coarse = {t: path.step_entropy(t, points // 2 + 1) for t in range(1, T + 1)}
    row = {"mixture": name, "steps": T, "beta": path.beta[1:].tolist(), "K": {}, "error": {}, "moments": []}
    for last in ("fixed", "learned"):
        row["K"][last] = path.bound(last, fine)
        row["error"][last] = abs(row["K"][last] - path.bound(last, coarse))
        mean, error = path.monte_carlo(last, 200_000, seed=T)
        assert abs(mean - row["K"][last]) < 5 * error, (name, T, last, mean, error, row["K"][last])
        print(f"{name}, T={T}, {last}: K = {row['K'][last]:.10f} +- {row['error'][last]:.0e} nats"
              f" (Monte Carlo {mean:.4f} +- {error:.4f})")
    for t in sorted({1, 2, T // 2, T}):
        for point in mixture["points"]:
            mean, var, density = path.moments(np.array(point)[:, None], t)
            row["moments"].append({"t": t, "x": point, "mean": mean[:, 0].tolist(), "variance": var[:, 0].tolist(),
                                   "log_density": math.log(density[0])})
    return row


if __name__ == "__main__":
    table = {"unit": "nats", "mixtures": MIXTURES, "cases": [
        case(name, mixture, T, 1e-2) for (name, mixture), T in itertools.product(MIXTURES.items(), (5, 20))]}
    save(__file__, table)
