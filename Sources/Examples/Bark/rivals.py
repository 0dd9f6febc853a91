"""Fills the hole of a texture by other methods: biharmonic interpolation, Telea's method and PatchMatch, which give one
answer each, and draws from the posterior of a Gaussian texture, the exact answer for a stationary normal field with the
covariance of the learned part.

    python3 rivals.py LEARNED.npy TRUTH.npy MASK.npy DRAWS SEED OUTPUT

LEARNED and TRUTH are arrays [row][column] in levels; MASK is 1 where a pixel is known; the hole is a square. Writes
OUTPUT-NAME.npy, [draw][row][column], for each method that the installed packages have, and prints their names.
Needs numpy and scipy; scikit-image, OpenCV and PyPatchMatch for the first three (pip install numpy scipy scikit-image
opencv-python-headless PyPatchMatch).
"""

import sys

import numpy

learned, truth, mask = (numpy.load(name).astype(float) for name in sys.argv[1:4])
draws, seed, output = int(sys.argv[4]), int(sys.argv[5]), sys.argv[6]
hole = mask == 0


def keep(name, pictures):
    numpy.save(f"{output}-{name}.npy", numpy.asarray(pictures, dtype=float))
    print(name)


def biharmonic():
    from skimage.restoration import inpaint_biharmonic

    return [inpaint_biharmonic(truth / 255, hole) * 255]


def telea():
    import cv2

    known = numpy.where(hole, 0, truth).clip(0, 255).round().astype(numpy.uint8)
    return [cv2.inpaint(known, hole.astype(numpy.uint8), 5, cv2.INPAINT_TELEA).astype(float)]


def patchmatch():
    from patchmatch import patch_match

    # Patches are taken from the learned part and from around the hole, but not across the gap between them.
    height = max(learned.shape[0], truth.shape[0])
    gap = 16
    canvas = numpy.zeros((height, learned.shape[1] + gap + truth.shape[1]))
    unused, hidden = numpy.ones_like(canvas, dtype=bool), numpy.zeros_like(canvas, dtype=bool)
    left = learned.shape[1] + gap
    canvas[: learned.shape[0], : learned.shape[1]], unused[: learned.shape[0], : learned.shape[1]] = learned, False
    canvas[: truth.shape[0], left:], unused[: truth.shape[0], left:] = numpy.where(hole, 0, truth), False
    hidden[: truth.shape[0], left:] = hole
    levels = numpy.repeat(canvas.clip(0, 255).astype(numpy.uint8)[:, :, None], 3, axis=2)
    patch_match.set_random_seed(seed % 2**32)
    filled = patch_match.inpaint(levels, hidden, global_mask=unused, patch_size=3)[..., 0]
    # Byte b is the level from b to b + 1.
    return [numpy.where(hole, filled[: truth.shape[0], left:] + 0.5, truth)]


def gaussian():
    from scipy.linalg import cho_factor, cho_solve

    mean = learned.mean()
    # The covariance at each lag: of the learned part, divided by all pixels, which keeps it positive definite.
    field = learned - mean
    shape = [2 * size for size in field.shape]
    spectrum = numpy.abs(numpy.fft.rfft2(field, shape)) ** 2
    covariance = numpy.fft.irfft2(spectrum, shape) / field.size
    rows, columns = numpy.nonzero(hole)
    # Known pixels further than this from the hole add little.
    margin = 14
    near = numpy.zeros_like(hole)
    near[max(0, rows.min() - margin) : rows.max() + margin + 1, max(0, columns.min() - margin) : columns.max() + margin + 1] = True
    known = numpy.argwhere(near & ~hole)
    hidden = numpy.argwhere(hole)

    def between(a, b):
        # Row by row: index arrays of all pairs at once would take gigabytes.
        return numpy.stack([covariance[place[0] - b[:, 0], place[1] - b[:, 1]] for place in a])

    # Noise of one gray level within each byte.
    ridge = 1 / 12 + 1e-6 * covariance[0, 0]
    factor = cho_factor(between(known, known) + ridge * numpy.eye(len(known)), lower=True)
    cross = between(hidden, known)
    gain = cho_solve(factor, cross.T).T
    expected = mean + gain @ (truth[known[:, 0], known[:, 1]] - mean)
    remaining = between(hidden, hidden) - gain @ cross.T + ridge * numpy.eye(len(hidden))
    root = numpy.linalg.cholesky(remaining)
    noise = numpy.random.default_rng(seed).normal(size=(len(hidden), draws))
    pictures = numpy.repeat(truth[None], draws, axis=0)
    pictures[:, hidden[:, 0], hidden[:, 1]] = (expected[:, None] + root @ noise).T
    return pictures


for method in (biharmonic, telea, patchmatch, gaussian):
    try:
        keep(method.__name__, method())
    except Exception as error:  # One that fails, or is not installed, leaves the others.
        print(f"{method.__name__}: {error!r}", file=sys.stderr)
