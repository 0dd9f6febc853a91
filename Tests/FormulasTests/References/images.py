"""Convolutions, pooling and upsampling by SciPy and NumPy, as references for ImageTests.

    python3 images.py > images.json
"""

import json

import numpy as np
from scipy.signal import correlate2d

rng = np.random.default_rng(7)
# channels, outputs, height, width, kernel height, kernel width
SIZES = [
    (1, 1, 1, 1, 3, 3),
    (2, 3, 1, 9, 3, 5),
    (3, 7, 5, 7, 3, 3),
    (2, 2, 8, 8, 3, 3),
    (4, 13, 6, 5, 7, 3),
    (2, 5, 4, 11, 1, 7),
    (3, 4, 3, 6, 1, 1),
    (1, 1, 27, 30, 5, 5),
]


def pooled(x):
    rows, columns = (x.shape[1] + 1) // 2, (x.shape[2] + 1) // 2
    return np.array(
        [[[plane[2 * j : 2 * j + 2, 2 * i : 2 * i + 2].mean() for i in range(columns)] for j in range(rows)] for plane in x]
    )


def short(shape):
    """Multiples of 1/64, which are exact in single precision too."""
    return rng.integers(-64, 65, shape) / 64


cases = []
for channels, outputs, height, width, tall, wide in SIZES:
    x = short((channels, height, width))
    w = short((outputs, channels, tall, wide))
    b = short(outputs)
    full = [
        b[o] + sum(correlate2d(np.pad(x[c], ((tall // 2,) * 2, (wide // 2,) * 2)), w[o, c], mode="valid") for c in range(channels))
        for o in range(outputs)
    ]
    low = short((outputs, (height + 1) // 2, (width + 1) // 2))
    up = low.repeat(2, axis=1).repeat(2, axis=2)[:, :height, :width]
    cases.append(
        {
            "kernel": [outputs, channels, tall, wide],
            "image": [channels, height, width],
            "x": x.ravel().tolist(), "w": w.ravel().tolist(), "b": b.tolist(), "coarse": low.ravel().tolist(),
            "convolved": np.array(full).ravel().tolist(),
            "pooled": pooled(x).ravel().tolist(),
            "upsampled": up.ravel().tolist(),
        }
    )
print(json.dumps(cases))
