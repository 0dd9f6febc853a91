"""Writes densities.json: a Gaussian's and a kernel density estimate's densities by scipy. Run in this directory."""
import json

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.stats import gaussian_kde, multivariate_normal

random = np.random.default_rng(5)
training = np.concatenate([
    random.multivariate_normal([1, 200, -3], [[1, 8, 0.1], [8, 100, 2], [0.1, 2, 0.5]], 60),
    random.multivariate_normal([4, 180, -1], [[0.5, 0, 0], [0, 50, 0], [0, 0, 0.2]], 40),
])
test = np.concatenate([training[::10] + random.normal(size=(10, 3)), [[50, 900, 30]]])
count, dimensions = training.shape
mean = training.mean(axis=0)
covariance = np.cov(training.T, bias=True)
gaussian = multivariate_normal(mean, covariance).logpdf(test) / np.log(2)


def kde(rows, bandwidth):
    estimate = gaussian_kde(rows.T)
    # scipy scales the unbiased covariance of its own rows; the reference wants the one of all training rows.
    factor = bandwidth**2 * covariance
    estimate.covariance = factor
    estimate.cho_cov = np.linalg.cholesky(factor)
    estimate.log_det = 2 * np.log(np.diag(estimate.cho_cov * np.sqrt(2 * np.pi))).sum()
    return estimate


def left_out(log_bandwidth):
    total = 0
    for row in range(count):
        others = np.delete(training, row, axis=0)
        total += kde(others, np.exp(log_bandwidth)).logpdf(training[row])[0]
    return -total


best = minimize_scalar(left_out, bounds=(np.log(0.02), np.log(2)), method="bounded", options={"xatol": 1e-5})
bandwidth = float(np.exp(best.x))
estimate = kde(training, bandwidth)
with open("densities.json", "w") as file:
    json.dump({
        "dimensions": dimensions,
        "training": training.ravel().tolist(),
        "test": test.ravel().tolist(),
        "gaussian": gaussian.tolist(),
        "bandwidth": bandwidth,
        "kernels": (estimate.logpdf(test.T) / np.log(2)).tolist(),
    }, file, indent=0)
