"""Denoises colour pictures by BM3D and by non-local means, and prints the PSNRs of each as one JSON object.

    python3 rivals.py TRUTH.npy NOISY.npy DEVIATION

Arrays of shape [picture][channel][row][column], in levels of 0 to 255; DEVIATION is that of the noise, in levels.
Needs numpy, scikit-image and bm3d (pip install numpy scikit-image bm3d).
"""

import json
import sys

import bm3d
import numpy
from skimage.restoration import denoise_nl_means


def psnr(picture, truth):
    error = numpy.clip(picture, 0.5, 255.5) - truth
    return 10 * numpy.log10(255**2 / numpy.mean(error**2))


truth, noisy = (numpy.load(name).transpose(0, 2, 3, 1) for name in sys.argv[1:3])
deviation = float(sys.argv[3])
scores = {"bm3d": [], "nl_means": []}
for clean, picture in zip(truth, noisy):
    scores["bm3d"].append(psnr(bm3d.bm3d_rgb(picture, deviation), clean))
    # The best of some strengths, found with the truth at hand: more than anyone could know.
    scores["nl_means"].append(
        max(
            psnr(
                denoise_nl_means(
                    picture, patch_size=5, patch_distance=8, h=strength * deviation, sigma=deviation, channel_axis=-1
                ),
                clean,
            )
            for strength in (0.4, 0.6, 0.8, 1.0)
        )
    )
print(json.dumps({name: [float(value) for value in values] for name, values in scores.items()}))
