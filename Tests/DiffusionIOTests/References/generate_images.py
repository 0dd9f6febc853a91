"""Writes images.json: small files of pictures, as base64, and what is in them. Needs NumPy and Pillow; run where it stands.

PNG files are put together here by the specification, in all kinds, filters and interlacings; Pillow reads each one that
it can read without loss, and has to find the same.
"""

import base64
import gzip
import io
import itertools
import json
import pathlib
import struct
import zlib

import numpy
from PIL import Image

random = numpy.random.default_rng(7)
files = {}


def put(name, data, images, maximum, labels=None):
    """images: [image][channel][row][column]."""
    images = numpy.asarray(images)
    files[name] = {
        "data": base64.b64encode(data).decode(),
        "shape": list(images.shape),
        "maximum": maximum,
        "values": [float(v) for v in images.ravel()],
    }
    if labels is not None:
        files[name]["labels"] = labels


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def packed(samples, bits):
    """A row of samples as bytes."""
    if bits == 16:
        return samples.astype(">u2").tobytes()
    if bits == 8:
        return samples.astype("u1").tobytes()
    digits = "".join(format(int(v), f"0{bits}b") for v in samples)
    digits += "0" * (-len(digits) % 8)
    return bytes(int(digits[i : i + 8], 2) for i in range(0, len(digits), 8))


def filtered(rows, step):
    """Rows with the five filters in turn."""
    out = b""
    before = bytes(len(rows[0])) if rows else b""
    for number, row in enumerate(rows):
        kind = number % 5
        line = bytearray()
        for i, v in enumerate(row):
            a = row[i - step] if i >= step else 0
            b = before[i]
            c = before[i - step] if i >= step else 0
            p = a + b - c
            paeth = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
            line.append((v - (0, a, b, (a + b) // 2, paeth)[kind]) & 255)
        out += bytes([kind]) + bytes(line)
        before = row
    return out


passes = [(0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)]


def png(samples, bits, colour, interlaced=False, before=b"", behind=b""):
    """samples: [row][column][channel]."""
    h, w, channels = samples.shape
    step = max(1, channels * bits // 8)
    data = b""
    for y, x, dy, dx in passes if interlaced else [(0, 0, 1, 1)]:
        part = samples[y::dy, x::dx]
        if part.size:
            data += filtered([packed(row.ravel(), bits) for row in part], step)
    header = struct.pack(">IIBBBBB", w, h, bits, colour, 0, 0, int(interlaced))
    compressed = zlib.compress(data, 9)
    half = len(compressed) // 2
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + before
        + chunk(b"IDAT", compressed[:half]) + chunk(b"IDAT", compressed[half:]) + behind + chunk(b"IEND", b"")
    )


def planes(samples):
    return numpy.moveaxis(samples, 2, 0)[None]


h, w = 5, 7
kinds = [("gray", 0, 1, [1, 2, 4, 8, 16]), ("graya", 4, 2, [8, 16]), ("rgb", 2, 3, [8, 16]), ("rgba", 6, 4, [8, 16])]
for (name, colour, channels, depths), interlaced in itertools.product(kinds, [False, True]):
    for bits in depths:
        samples = random.integers(0, 2**bits, (h, w, channels))
        samples[0, 0, 0], samples[0, 1, 0] = 2**bits - 1, 2 if bits > 1 else 0
        data = png(samples, bits, colour, interlaced)
        put(f"{name}{bits}{'i' if interlaced else ''}.png", data, planes(samples), 2**bits - 1)
        if bits == 8:
            assert (numpy.asarray(Image.open(io.BytesIO(data))).reshape(h, w, channels) == samples).all()
for bits, interlaced in itertools.product([1, 2, 4, 8], [False, True]):
    places = random.integers(0, min(2**bits, 20), (h, w, 1))
    palette = random.integers(0, 256, (min(2**bits, 20), 3))
    plte = chunk(b"PLTE", palette.astype("u1").tobytes())
    suffix = f"{bits}{'i' if interlaced else ''}"
    data = png(places, bits, 3, interlaced, plte)
    put(f"palette{suffix}.png", data, planes(palette[places[..., 0]]), 255)
    assert (numpy.asarray(Image.open(io.BytesIO(data)).convert("RGB")) == palette[places[..., 0]]).all()
    opacity = numpy.full(len(palette), 255)
    opacity[:2] = [0, 77]
    data = png(places, bits, 3, interlaced, plte + chunk(b"tRNS", bytes([0, 77])))
    rgba = numpy.dstack([palette[places[..., 0]], opacity[places[..., 0]]])
    put(f"palettea{suffix}.png", data, planes(rgba), 255)
    assert (numpy.asarray(Image.open(io.BytesIO(data)).convert("RGBA")) == rgba).all()
for bits in [1, 2, 4, 8, 16]:
    samples = random.integers(0, 2**bits, (h, w, 1))
    key = int(samples[2, 3, 0])
    top = 65535 if bits == 16 else 255
    scale = 1 if bits >= 8 else 255 // (2**bits - 1)
    opacity = numpy.where(samples == key, 0, top)
    data = png(samples, bits, 0, False, chunk(b"tRNS", struct.pack(">H", key)))
    put(f"graykey{bits}.png", data, planes(numpy.dstack([samples * scale, opacity])), top)
samples = random.integers(0, 2, (h, w, 3)) * 200
opacity = numpy.where((samples == samples[1, 1]).all(axis=2), 0, 255)
data = png(samples, 8, 2, False, chunk(b"tRNS", struct.pack(">HHH", *[int(v) for v in samples[1, 1]])))
put("rgbkey8.png", data, planes(numpy.dstack([samples, opacity])), 255)
# Bytes that were widened, and things beside the pixels that change nothing.
gray = random.integers(0, 256, (h, w, 1))
put("widened.png", png(gray * 257, 16, 0), planes(gray), 255)
beside = chunk(b"gAMA", struct.pack(">I", 100000)) + chunk(b"tEXt", b"Title\0x") + chunk(b"zTXt", b"C\0\0" + zlib.compress(b"y" * 99))
put("beside.png", png(gray, 8, 0, False, beside, chunk(b"tIME", bytes([7, 230, 1, 1, 1, 1, 1]))), planes(gray), 255)
put("pixel.png", png(gray[:1, :1], 8, 0, True), planes(gray[:1, :1]), 255)
for name, image in [("pillow1.png", (gray[..., 0] > 99).astype("u1")), ("pillow8.png", gray[..., 0].astype("u1"))]:
    file = io.BytesIO()
    (Image.fromarray(image * 255).convert("1") if "1" in name else Image.fromarray(image)).save(file, "PNG")
    put(name, file.getvalue(), image[None, None], 1 if "1" in name else 255)

# Netpbm.
rgb = random.integers(0, 256, (h, w, 3))
text = lambda a: ("\n".join(" ".join(str(v) for v in row.ravel()) for row in a) + "\n").encode()
put("p2.pgm", b"P2\n# a comment\n7 5\n255\n" + text(gray), planes(gray), 255)
put("p3.ppm", b"P3 7 # wide\n5\n255\n" + text(rgb), planes(rgb), 255)
put("p5.pgm", b"P5\n7 5\n255\n" + gray.astype("u1").tobytes(), planes(gray), 255)
put("p6.ppm", b"P6\n#x\n7\n5\n255\n" + rgb.astype("u1").tobytes(), planes(rgb), 255)
put("p5max100.pgm", b"P5 7 5 100\n" + (gray % 101).astype("u1").tobytes(), planes(gray % 101), 100)
put("p5max1.pgm", b"P5 7 5 1\n" + (gray % 2).astype("u1").tobytes(), planes(gray % 2), 1)
put("p5wide.pgm", b"P5 7 5 65535\n" + (gray * 100 + 1).astype(">u2").tobytes(), planes(gray * 100 + 1), 65535)
put("p5widened.pgm", b"P5 7 5 65535\n" + (gray * 257).astype(">u2").tobytes(), planes(gray), 255)
put("p2max1023.pgm", b"P2 7 5 1023 " + text(gray * 4).strip(), planes(gray * 4), 1023)
put("p6max4095.ppm", b"P6 7 5 4095\n" + (rgb * 16).astype(">u2").tobytes(), planes(rgb * 16), 4095)
file = io.BytesIO()
Image.fromarray(rgb.astype("u1")).save(file, "PPM")
put("pillow.ppm", file.getvalue(), planes(rgb), 255)

# IDX and CIFAR-10.
stack = random.integers(0, 256, (3, 4, 6))
idx = struct.pack(">IIII", 0x803, 3, 4, 6) + stack.astype("u1").tobytes()
put("idx3", idx, stack[:, None], 255)
put("idx3.gz", gzip.compress(idx, mtime=0), stack[:, None], 255)
put("idx3members.gz", gzip.compress(idx[:30], mtime=0) + gzip.compress(idx[30:], mtime=0) + bytes(9), stack[:, None], 255)
put("idx2", struct.pack(">III", 0x802, 4, 6) + stack[0].astype("u1").tobytes(), stack[0][:, None, None], 255)
colours = random.integers(0, 256, (2, 3, 5, 7))
last = numpy.moveaxis(colours, 1, 3)
put("idx4", struct.pack(">IIIII", 0x804, 2, 3, 5, 7) + colours.astype("u1").tobytes(), colours, 255)
put("idx4last", struct.pack(">IIIII", 0x804, 2, 5, 7, 3) + last.astype("u1").tobytes(), colours, 255)
put("idx3short", struct.pack(">IIII", 0xB03, 3, 4, 6) + (stack * 9).astype(">i2").tobytes(), (stack * 9)[:, None], 65535)
put("idx3float", struct.pack(">IIII", 0xD03, 3, 4, 6) + (stack / 255).astype(">f4").tobytes(), stack[:, None], 255)
batch = numpy.arange(2 * 3072).reshape(2, 3, 32, 32) * 7 % 251
put("cifar.bin", b"".join(bytes([k]) + batch[i].astype("u1").tobytes() for i, k in enumerate([9, 3])), batch, 255, [9, 3])


# Arrays.
def npy(array):
    file = io.BytesIO()
    numpy.save(file, array)
    return file.getvalue()


put("u1.npy", npy(stack.astype("u1")), stack[:, None], 255)
for kind in ["<f2", "<f4", "<f8", ">f4", "<i2", ">i8", "<u2"]:
    put(f"bytes_{'big_' if kind[0] == '>' else ''}{kind[1:]}.npy", npy(stack.astype(kind)), stack[:, None], 255)
for kind in ["<f2", "<f4", ">f8"]:
    put(f"fractions_{kind[1:]}.npy", npy((stack / 255).astype(kind)), stack[:, None], 255)
put("fractions_product.npy", npy(stack.astype("f4") * numpy.float32(1 / 255)), stack[:, None], 255)
put("fractions_wide.npy", npy((stack * 9 / 65535).astype("f4")), (stack * 9)[:, None], 65535)
put("any.npy", npy(stack.astype("f4") / 512), (stack / 512)[:, None], 1)
put("bits.npy", npy((stack > 99).astype("f4")), (stack > 99).astype(int)[:, None], 1)
put("bool.npy", npy(stack > 99), (stack > 99).astype(int)[:, None], 1)
put("dark.npy", npy(numpy.zeros((2, 3, 4))), numpy.zeros((2, 1, 3, 4)), 255)
put("wide.npy", npy((stack * 100).astype("u2")), (stack * 100)[:, None], 65535)
put("large.npy", npy((stack * 1000).astype("i4")), (stack * 1000)[:, None], int(stack.max()) * 1000)
put("signed.npy", npy((stack / 128 - 1).clip(-1, 1)), (stack / 128 - 1).clip(-1, 1)[:, None], 1)
put("fortran.npy", npy(numpy.asfortranarray(stack.astype("u1"))), stack[:, None], 255)
put("first.npy", npy(colours.astype("u1")), colours, 255)
put("last.npy", npy(last.astype("u1")), colours, 255)
put("last_fortran.npy", npy(numpy.asfortranarray(last.astype(">i4"))), colours, 255)
put("one.npy", npy(stack.astype("u1")[:, :2, :, None]), stack[:, None, :2], 255)
reals = random.uniform(-3, 5, (2, 3, 4))
put("double.npy", npy(reals), reals.astype("f4")[:, None], float(reals.astype("f4").max()))
file = io.BytesIO()
numpy.savez(file, only=stack.astype("u1"))
put("stored.npz", file.getvalue(), stack[:, None], 255)
file = io.BytesIO()
numpy.savez_compressed(file, only=stack.astype("u1"))
put("deflated.npz", file.getvalue(), stack[:, None], 255)

lines = (f" {json.dumps(name)}: {json.dumps(file)}" for name, file in files.items())
path = pathlib.Path(__file__).parent / "images.json"
path.write_text("{\n" + ",\n".join(lines).replace(".0,", ",").replace(".0]", "]") + "\n}\n")
