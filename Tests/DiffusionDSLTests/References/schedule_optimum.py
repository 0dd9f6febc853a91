"""The best beta_2 and beta_3 for T = 3 with beta_1 fixed, by brute force.

    python3 schedule_optimum.py              (numpy, scipy; a few seconds; writes schedule_optimum.json)

One dimension. The reverse steps are the best that their family allows at every trial schedule, so that what is
left to optimise is the schedule alone; K is averaged over the data by quadrature (mixture_reverse.py, which see
for the formulae) and maximised over (logit beta_2, logit beta_3): a grid first, then Nelder and Mead's method
from the grid's best point.

 * "mixture", steps with the true conditional mean and variance: an optimum within (0,1)^2, the reference for a
   learned schedule with a flexible network.
 * "gaussian", data N(0, s^2), steps with the true mean and the fixed variance beta_t ("forward") or
   beta_t (1-abar_{t-1}) / (1-abar_t) ("posterior"): K in closed form by gaussian_reverse.py.
 * "gaussian" with the true variance ("exact") too: reversal is then perfect at any schedule, and
   K = -KL(q(x_T)||pi) + constant: it rises to a supremum as abar_3 -> 0, whatever beta_2 is. There is no optimum
   to find, only the supremum, and the K at given betas.

"at" lists K at a few schedules, to compare a value before comparing an optimum; "tolerance" is how far the
betas may move (in logits, each alone) before K falls by 1e-4 nats: an optimum is no better determined than that.
"interior": false says that K still rises at the edge of the grid: no reference for a learned beta.
"""
import numpy as np
from scipy.optimize import brentq, minimize
from scipy.special import expit, logit

import gaussian_reverse
import mixture_reverse
from reference import save

FIRST = 1e-2
MIXTURE = {"weights": [0.6, 0.4], "means": [[-0.8], [1.2]], "deviations": [0.3, 0.2]}
TRIALS = [(0.1, 0.5), (0.3, 0.3), (0.5, 0.9)]
LAST_STEPS = ("fixed", "learned")


def gaussian(variance, last):
    return lambda b2, b3: gaussian_reverse.Model([FIRST, b2, b3], 0.0, 0.5).by_terms(variance, last)


def mixture(last, points=801):
    def K(b2, b3):
        path = mixture_reverse.Path(MIXTURE, [FIRST, b2, b3])
        return path.bound(last, {t: path.step_entropy(t, points) for t in (1, 2, 3)})
    return K


def optimum(K):
    def cost(z):
        b2, b3 = expit(z)
        return -K(b2, b3)
    axis = np.linspace(-4.5, 4.5, 31)
    start = min(((cost((a, b)), a, b) for a in axis for b in axis))
    found = minimize(cost, start[1:], method="Nelder-Mead",
                     options={"xatol": 1e-9, "fatol": 1e-14, "maxiter": 4000, "maxfev": 4000})
    inside = bool(np.all(np.abs(found.x) < 4.4))
    result = {"beta_2": expit(found.x[0]), "beta_3": expit(found.x[1]), "K": -found.fun, "interior": inside}
    if inside:
        result["tolerance"] = []
        for axis in (0, 1):
            def drop(shift, sign):
                z = np.array(found.x)
                z[axis] += sign * shift
                return cost(z) - found.fun - 1e-4
            result["tolerance"].append(min(brentq(drop, 0, 3, args=(sign,)) for sign in (-1, 1)))
    return result


if __name__ == "__main__":
    table = {"unit": "nats", "beta_1": FIRST, "cases": []}

    def add(name, last, K, extra, search=True):
        row = {"case": name, "last_step": last, **extra, "at": [
            {"beta_2": b2, "beta_3": b3, "K": K(b2, b3)} for b2, b3 in TRIALS]}
        if search:
            row["optimum"] = optimum(K)
        table["cases"].append(row)
        print(name, last, extra, row.get("optimum"))

    for last in LAST_STEPS:
        data = {"m": 0.0, "s": 0.5}
        for variance in ("forward", "posterior"):
            add("gaussian", last, gaussian(variance, last), {**data, "variance": variance})
        K = gaussian("exact", last)
        add("gaussian", last, K, {**data, "variance": "exact", "supremum": K(0.5, 1 - 1e-15)}, search=False)
        K = mixture(last)
        assert abs(K(0.3, 0.6) - mixture(last, 2401)(0.3, 0.6)) < 1e-10
        add("mixture", last, K, {**MIXTURE, "variance": "exact"})
    save(__file__, table)
