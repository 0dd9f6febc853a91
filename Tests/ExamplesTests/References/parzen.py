"""Writes parzen.json: Parzen window scores of made-up pictures, and of MNIST's first 500 training digits as samples.

    python3 parzen.py [MNIST_FOLDER] > parzen.json     # numpy; without the folder the second entry is left out

Everything is in Double. The procedure is that of Goodfellow et al. (2014): one width for all windows, the best of
numpy.logspace(-1, 0, 10) on the validation pictures; the score is the mean over test pictures.
"""
import gzip
import json
import sys

import numpy as np


def made_up(count, first):
    """Pictures of smooth stripes: pixel p of picture i is a fraction with denominator 255, equal in any program."""
    i = np.arange(first, first + count)[:, None]
    p = np.arange(784)[None]
    return ((7 * i + 3 * (p // 28) + (5 + i % 3) * (p % 28)) % 256) / 255


def log_density(pictures, samples, width):
    squares = np.stack([((samples - picture) ** 2).sum(1) for picture in pictures])
    exponent = -squares / (2 * width**2)
    top = exponent.max(1)
    return top + np.log(np.exp(exponent - top[:, None]).mean(1)) - 784 * np.log(width * np.sqrt(2 * np.pi))


def score(samples, validation, test):
    widths = np.logspace(-1, 0, 10)
    width = widths[int(np.argmax([log_density(validation, samples, w).mean() for w in widths]))]
    scores = log_density(test, samples, width) / np.log(2)
    return {"bits": scores.mean(), "standard_error": scores.std() / len(scores) ** 0.5, "width": width}


def digits(folder, name, count, first=0):
    data = gzip.open(f"{folder}/{name}").read()
    return np.frombuffer(data, np.uint8, offset=16).reshape(-1, 784)[first : first + count] / 255


references = {"made_up": score(made_up(37, 0), made_up(11, 100), made_up(23, 200))}
if len(sys.argv) > 1:
    train, test = "train-images-idx3-ubyte.gz", "t10k-images-idx3-ubyte.gz"
    references["mnist"] = score(
        digits(sys.argv[1], train, 500), digits(sys.argv[1], train, 200, 50_000), digits(sys.argv[1], test, 500))
print(json.dumps(references, indent=1))
