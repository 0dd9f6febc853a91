"""The bound K on the swiss roll for given parameters of the paper's network, in plain numpy.

    python3 swiss_roll_bound.py MODEL.safetensors [--rows 20000] [--seed 1] [--noise 0.05]
        [--first-variance 0.001] [--NAME TENSOR ...]
    python3 swiss_roll_bound.py --example      (a minute; writes swiss_roll_bound.safetensors and .json)

The first form prints K in bits with its standard error on rows that it draws itself, as one JSON object; options
such as --centres or --logits name the file's tensors where they differ from the defaults, the names of a saved model:

    network.1.centres [16,2], network.1.logScales [16], readout.weight [T,4,16], readout.bias [T,4],
    schedule.logits [T-1]

The schedule: beta_1 = --first-variance, beta_{t+1} = sigmoid(schedule.logits[t-1]).

Network: g_j(x) = exp(-e^{scale_j} |x - c_j|^2), normalised over the units j; for step t the readout
z = W_t g + b_t, its first two entries z_mu and the others z_Sigma; Sigma = sigmoid(z_Sigma + logit beta_t),
mu = (x - z_mu) (1 - Sigma) + z_mu (eqs. 64-65 of the paper). p(x_{t-1}|x_t) = N(mu, diag Sigma) for t >= 2, and
the fixed last step p(x_0|x_1) = N(sqrt(1-beta_1) x_1, beta_1 I).

Bound: K(x_0) = -KL(q(x_T|x_0)||pi) - sum_{t>=2} KL(q(x_{t-1}|x_t,x_0)||p(x_{t-1}|x_t)) - beta_1 (|x_0|^2 - 2) / 2
- log(2 pi e beta_1), with one draw of x_t for each row and step, independent of the other steps'. The standard
error is that of the mean over rows, each with its draws. Data: see swiss_roll_entropy.py.

--example makes parameters without training (the means fitted by least squares, T = 40, a schedule that grows
geometrically; a trained model is more than one bit better), so that whoever reads the same file can compare bounds. It
also evaluates E[log p(x_0..T) - log q(x_1..T|x_0)] along whole paths, which shares only the network with the
above; the two have to agree to 5 standard errors.
"""
import argparse
import json
import math
import pathlib
import struct

import numpy as np

from reference import BITS, save
from swiss_roll_entropy import DEVIATION, MEAN, curve

NAMES = {"centres": "network.1.centres", "scales": "network.1.logScales", "weight": "readout.weight",
         "bias": "readout.bias", "logits": "schedule.logits"}
FIRST_VARIANCE = 1e-3
TYPES = {"F32": np.dtype("<f4"), "F64": np.dtype("<f8")}


def read_safetensors(path):
    """All F32 and F64 tensors of a file: 8 bytes with the header's length, the header as JSON, the data."""
    data = pathlib.Path(path).read_bytes()
    size, = struct.unpack_from("<Q", data)
    header = json.loads(data[8:8 + size])
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__" or entry["dtype"] not in TYPES:
            continue
        begin, end = (8 + size + offset for offset in entry["data_offsets"])
        tensors[name] = np.frombuffer(data[begin:end], TYPES[entry["dtype"]]).reshape(entry["shape"])
    return tensors


def write_safetensors(path, tensors):
    header, chunks, offset = {}, [], 0
    for name, tensor in tensors.items():
        chunks.append(tensor.astype("<f4").tobytes())
        header[name] = {"dtype": "F32", "shape": list(tensor.shape),
                        "data_offsets": [offset, offset + len(chunks[-1])]}
        offset += len(chunks[-1])
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    pathlib.Path(path).write_bytes(struct.pack("<Q", len(text)) + text + b"".join(chunks))


def swiss_roll(rows, rng, noise):
    points = (curve(rng.random(rows)).T - MEAN) / DEVIATION
    return (points + noise * rng.standard_normal(points.shape)) / math.sqrt(1 + noise ** 2)


class Network:
    def __init__(self, tensors, names, first_variance=FIRST_VARIANCE):
        missing = [name for name in names.values() if name not in tensors]
        if missing:
            raise SystemExit(f"no tensor {', '.join(missing)}; the file has: {', '.join(tensors)}")
        def take(key):
            return tensors[names[key]].astype(np.float64)
        self.centres, self.scales = take("centres"), take("scales").reshape(-1)
        self.weight, self.bias = take("weight"), take("bias")
        free = 1 / (1 + np.exp(-take("logits").reshape(-1)))
        self.beta = np.concatenate([[0.0, first_variance], free])  # index t = 1...T
        self.T = len(self.beta) - 1
        assert self.weight.shape == (self.T, 4, len(self.scales)) and self.bias.shape == (self.T, 4)
        self.abar = np.cumprod(1 - self.beta)

    def features(self, x):
        exponent = -np.exp(self.scales) * ((x[:, None, :] - self.centres) ** 2).sum(2)
        g = np.exp(exponent - exponent.max(1, keepdims=True))
        return g / g.sum(1, keepdims=True)

    def reverse(self, x, t):
        """Mean and variance of p(x_{t-1}|x_t = x)."""
        z = self.features(x) @ self.weight[t - 1].T + self.bias[t - 1]
        logit = math.log(self.beta[t]) - math.log1p(-self.beta[t])
        var = 1 / (1 + np.exp(-(z[:, 2:] + logit)))
        return (x - z[:, :2]) * (1 - var) + z[:, :2], var

    def bound(self, x0, rng):
        """K of each row in nats."""
        beta, abar = self.beta, self.abar
        square = (x0 ** 2).sum(1)
        K = -(abar[-1] * (square - 2) - 2 * math.log1p(-abar[-1])) / 2
        K = K - beta[1] * (square - 2) / 2 - math.log(2 * math.pi * math.e * beta[1])
        for t in range(2, self.T + 1):
            rest, before = 1 - abar[t], 1 - abar[t - 1]
            xt = math.sqrt(abar[t]) * x0 + math.sqrt(rest) * rng.standard_normal(x0.shape)
            var = beta[t] * before / rest
            mean = math.sqrt(abar[t - 1]) * beta[t] / rest * x0 + math.sqrt(1 - beta[t]) * before / rest * xt
            mu, sigma = self.reverse(xt, t)
            K -= 0.5 * (np.log(sigma / var) + (var + (mean - mu) ** 2) / sigma - 1).sum(1)
        return K

    def path_bound(self, x0, rng):
        """log p(x_0..T) - log q(x_1..T|x_0) of each row, along one path."""
        K, x = np.zeros(len(x0)), x0
        for t in range(1, self.T + 1):
            e = rng.standard_normal(x.shape)
            after = math.sqrt(1 - self.beta[t]) * x + math.sqrt(self.beta[t]) * e
            if t == 1:
                mu, sigma = math.sqrt(1 - self.beta[1]) * after, np.full_like(x, self.beta[1])
            else:
                mu, sigma = self.reverse(after, t)
            K += 0.5 * (math.log(self.beta[t]) + e ** 2 - np.log(sigma) - (x - mu) ** 2 / sigma).sum(1)
            x = after
        return K - (math.log(2 * math.pi) + x ** 2).sum(1) / 2


def summary(K):
    return float(K.mean() * BITS), float(K.std(ddof=1) / math.sqrt(len(K)) * BITS)


def example():
    """Parameters with centres spread over the plane and means by least squares; nothing is trained."""
    T, units, rng = 40, 16, np.random.default_rng(20)
    beta = FIRST_VARIANCE * 150 ** (np.arange(T) / (T - 1))
    logits = np.log(beta[1:]) - np.log1p(-beta[1:])
    # A sunflower's spiral covers a disc evenly; centres on the curve itself would leave the readout flat across it.
    j = np.arange(units)
    radius, angle = 2 * np.sqrt((j + 0.5) / units), math.pi * (3 - math.sqrt(5)) * j
    centres = np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1)
    tensors = {NAMES["centres"]: centres, NAMES["scales"]: -1 + 0.02 * j,
               NAMES["weight"]: np.zeros((T, 4, units)), NAMES["bias"]: np.zeros((T, 4)), NAMES["logits"]: logits}
    tensors = {name: value.astype(np.float32).astype(np.float64) for name, value in tensors.items()}
    net = Network(tensors, NAMES)
    x0 = swiss_roll(20_000, rng, 0.05)
    for t in range(2, T + 1):
        b, ab, before = net.beta[t], net.abar[t], net.abar[t - 1]
        xs = math.sqrt(before) * x0 + math.sqrt(1 - before) * rng.standard_normal(x0.shape)
        xt = math.sqrt(1 - b) * xs + math.sqrt(b) * rng.standard_normal(x0.shape)
        g = net.features(xt)
        var = 0.95 * b
        for _ in range(3):  # the variance enters the mean (eq. 65), so the two are fitted in turn
            z, *_ = np.linalg.lstsq(g, (xs - xt * (1 - var)) / var, rcond=1e-6)
            residual = xs - xt * (1 - var) - var * (g @ z)
            var = (residual ** 2).mean(0)
        # The variance's own dependence on x: log residual variance by unit.
        share = (g.T @ residual ** 2) / g.sum(0)[:, None]
        share = np.clip(share, 0.2 * var, 3 * var)
        logit = math.log(b) - math.log1p(-b)
        shift = z.mean(0)
        tensors[NAMES["weight"]][t - 1, :2] = (z - shift).T
        tensors[NAMES["bias"]][t - 1, :2] = shift
        tensors[NAMES["weight"]][t - 1, 2:] = (np.log(share / (1 - share)) - logit).T
        tensors[NAMES["bias"]][t - 1, 2:] = 0
        sigma = 1 / (1 + np.exp(-(g @ tensors[NAMES["weight"]][t - 1, 2:].T + logit)))
        z, *_ = np.linalg.lstsq(g, (xs - xt * (1 - sigma)) / sigma, rcond=1e-6)
        tensors[NAMES["weight"]][t - 1, :2] = (z - shift).T
    return tensors


def main():
    parser = argparse.ArgumentParser(description="K in bits of a model of the swiss roll")
    parser.add_argument("model", nargs="?")
    parser.add_argument("--example", action="store_true")
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--noise", type=float, default=0.05)
    parser.add_argument("--first-variance", type=float, default=FIRST_VARIANCE, help="beta_1")
    for key, name in NAMES.items():
        parser.add_argument(f"--{key}", default=name, help=f"default: {name}")
    options = parser.parse_args()
    names = {key: getattr(options, key) for key in NAMES}
    rng = np.random.default_rng(options.seed)
    if not options.example:
        if options.model is None:
            parser.error("name a model, or give --example")
        net = Network(read_safetensors(options.model), names, options.first_variance)
        bits, error = summary(net.bound(swiss_roll(options.rows, rng, options.noise), rng))
        print(json.dumps({"K_bits": bits, "K_standard_error": error, "rows": options.rows, "steps": net.T}))
        return
    path = pathlib.Path(__file__).with_suffix(".safetensors")
    write_safetensors(path, example())
    net = Network(read_safetensors(path), NAMES)
    rows = 200_000
    bits, error = summary(net.bound(swiss_roll(rows, rng, options.noise), rng))
    other, other_error = summary(net.path_bound(swiss_roll(rows, rng, options.noise), rng))
    print(f"K = {bits:.5f} +- {error:.5f} bits; along whole paths {other:.5f} +- {other_error:.5f}")
    assert abs(bits - other) < 5 * math.hypot(error, other_error)
    # Single evaluations of the network: these depend on no draw and compare to rounding.
    points = np.array([[-1.5, 0.2], [0.0, 0.0], [0.7, -1.1], [1.6, 0.9], [4.0, -3.0]])
    reverse = [{"t": t, "x": x.tolist(), "mean": mu.tolist(), "variance": var.tolist()}
               for t in (2, 20, 40) for x, mu, var in zip(points, *net.reverse(points, t))]
    save(__file__, {"K_bits": bits, "K_standard_error": error, "rows": rows, "noise": options.noise,
                    "steps": net.T, "reverse": reverse})


if __name__ == "__main__":
    main()
