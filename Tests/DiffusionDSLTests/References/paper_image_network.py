"""The network of Sohl-Dickstein et al. 2015, section 3.2 and appendix D.2, at 8 x 8 pixels with fixed weights, in NumPy and
SciPy: mean, variance and the bound's terms, with the gradient of the loss by central differences in double precision.

    python3 paper_image_network.py > paper_image_network.json
"""

import json

import numpy as np
from scipy.signal import correlate2d

SIDE, T, CHANNELS, SCALES, LAYERS, UNITS, BUMPS = 8, 20, 3, 3, 2, 4, 3
rng = np.random.default_rng(3)


def short(shape, scale):
    """Multiples of 1/256, which single precision has too."""
    return np.round(rng.normal(0, scale, shape) * 256) / 256


shapes, weights = {}, {}
inputs = 1
for layer in range(1, LAYERS + 1):
    # In the order in which the layer asks for them: from the coarsest scale to the finest, the bias behind the coarsest.
    for scale in reversed(range(1, SCALES + 1)):
        weights[f"network.{layer}.weight.{scale}"] = short((CHANNELS, inputs, 3, 3), 0.5 / np.sqrt(inputs))
        if scale == SCALES:
            weights[f"network.{layer}.bias"] = short((CHANNELS,), 0.3)
    inputs = CHANNELS
weights[f"network.{LAYERS + 1}.weight"] = short((UNITS, CHANNELS, 1, 1), 0.5)
weights[f"network.{LAYERS + 1}.bias"] = short((UNITS,), 0.3)
weights["readout.weight"] = short((BUMPS, 2, UNITS), 0.3)
weights["readout.bias"] = short((BUMPS, 2), 0.3)

beta = np.array([1 / (T - t + 1) for t in range(1, T + 1)])
alpha_bar = np.concatenate([[1], np.cumprod(1 - beta)])


def pooled(x):
    return x.reshape(x.shape[0], x.shape[1] // 2, 2, x.shape[2] // 2, 2).mean(axis=(2, 4))


def convolved(x, w):
    return np.array([sum(correlate2d(x[c], w[o, c], mode="same") for c in range(len(x))) for o in range(len(w))])


def network(p, x, t):
    h = x
    for layer in range(1, LAYERS + 1):
        images = [h]
        for _ in range(1, SCALES):
            images.append(pooled(images[-1]))
        total = p[f"network.{layer}.bias"][:, None, None]
        for scale, image in enumerate(images):
            z = convolved(image, p[f"network.{layer}.weight.{scale + 1}"])
            total = total + z.repeat(2**scale, axis=1).repeat(2**scale, axis=2)
        h = np.logaddexp(0, total)
    w, b = p[f"network.{LAYERS + 1}.weight"][:, :, 0, 0], p[f"network.{LAYERS + 1}.bias"]
    h = np.tanh(np.einsum("oc,cyx->oyx", w, h) + b[:, None, None])
    spacing = T / (BUMPS - 1)
    g = np.exp(-((t - spacing * np.arange(BUMPS)) ** 2) / (2 * spacing**2))
    g /= g.sum()
    z = np.einsum("j,joc,cyx->oyx", g, p["readout.weight"], h) + (g @ p["readout.bias"])[:, None, None]
    variance = 1 / (1 + np.exp(-(z[1] + np.log(beta[t - 1] / (1 - beta[t - 1])))))
    return (x[0] - z[0]) * (1 - variance) + z[0], variance


def loss(p, x0, noise, t):
    """KL(q(x_{t-1} | x_t, x_0) || p(x_{t-1} | x_t)), eqs. 13 and 14."""
    b, a, before = beta[t - 1], alpha_bar[t], alpha_bar[t - 1]
    xt = np.sqrt(a) * x0 + np.sqrt(1 - a) * noise
    mean = np.sqrt(before) * b / (1 - a) * x0 + np.sqrt(1 - b) * (1 - before) / (1 - a) * xt
    variance = b * (1 - before) / (1 - a)
    mu, sigma = network(p, xt[None], t)
    return (0.5 * (np.log(sigma / variance) + (variance + (mean - mu) ** 2) / sigma - 1)).sum()


x0, noise = short((SIDE, SIDE), 1), short((SIDE, SIDE), 1)
steps = [2, 7, 13, 19]
cases = []
for t in steps:
    mean, variance = network(weights, x0[None], t)
    cases.append({"t": t, "mean": mean.ravel().tolist(), "variance": variance.ravel().tolist(), "loss": loss(weights, x0, noise, t)})

gradient = {}
for name, values in weights.items():
    flat = np.zeros(values.size)
    for index in range(values.size):
        sides = []
        for sign in (1, -1):
            moved = {k: v.copy() for k, v in weights.items()}
            moved[name].ravel()[index] += sign * 1e-5
            sides.append(loss(moved, x0, noise, 7))
        flat[index] = (sides[0] - sides[1]) / 2e-5
    gradient[name] = flat.tolist()

print(
    json.dumps(
        {
            "side": SIDE, "steps": T, "channels": CHANNELS, "scales": SCALES, "layers": LAYERS, "units": UNITS, "bumps": BUMPS,
            "weights": {name: {"shape": list(v.shape), "values": v.ravel().tolist()} for name, v in weights.items()},
            "x0": x0.ravel().tolist(), "noise": noise.ravel().tolist(), "cases": cases, "gradientStep": 7, "gradient": gradient,
        }
    )
)
