"""Writes npy/*.npy, arrays as NumPy saves them, and npy.json, what is in them. Needs NumPy; run where it stands."""

import json
import pathlib

import numpy

folder = pathlib.Path(__file__).parent / "npy"
folder.mkdir(exist_ok=True)
values = [[0, 1, 2], [3, 4, 100]]
expected = {}


def save(name, array, version=None):
    with open(folder / f"{name}.npy", "wb") as file:
        numpy.lib.format.write_array(file, array, version=version)
    flat = [
        str(float(number)) if not numpy.isfinite(number) else float(number)
        for number in array.astype("f8").ravel(order="C")
    ]
    flat = [None if number == "nan" else number for number in flat]
    expected[name] = {"shape": list(array.shape), "values": flat}


for kind in ["<f4", "<f8", "|i1", "<i2", "<i4", "<i8", "|u1", "<u2", "<u4", "<u8"]:
    save(kind[1:], numpy.array(values, kind))
save("bool", numpy.array([[True, False]]))
save("fractions", numpy.array([[0.1, -1e300], [numpy.nan, 5e-324]]))
save("negative", numpy.array([-128, 127], "|i1"))
save("scalar", numpy.array(2.5))
save("empty", numpy.zeros((0, 3)))
save("column", numpy.arange(4.0))
save("cube", numpy.arange(24.0).reshape(2, 3, 4))
save("version2", numpy.array(values, "<f8"), (2, 0))
save("version3", numpy.array(values, "<f8"), (3, 0))
# One axis is the same either way, and NumPy says so or not.
save("strided", numpy.asfortranarray(numpy.arange(5.0)))
# Other byte orders, other orders of axes, half precision.
save("half", numpy.array([[0.1, -2.0, 65504.0], [6e-8, 6.1e-5, -0.0], [numpy.inf, -numpy.inf, numpy.nan]], "<f2"))
save("half_big", numpy.array(values, ">f2"))
for kind in [">f4", ">f8", ">i2", ">i4", ">i8", ">u2", ">u4", ">u8"]:
    save("big_" + kind[1:], numpy.array(values, kind))
save("fortran", numpy.asfortranarray(numpy.array(values, "<f8")))
save("fortran_cube", numpy.asfortranarray(numpy.arange(24, dtype=">i2").reshape(2, 3, 4)))
save("fortran_empty", numpy.asfortranarray(numpy.zeros((0, 3))))
(folder / "npy.json").write_text(json.dumps(expected, indent=1) + "\n")

refused = {
    "complex": numpy.array(values, "<c16"),
    "long": numpy.array(values, numpy.longdouble),
    "text": numpy.array(["a", "bc"]),
    "structure": numpy.array([(1, 2.0)], [("a", "<i4"), ("b", "<f8")]),
    "large": numpy.array([0, 2**53 + 1], "<i8"),
}
for name, array in refused.items():
    numpy.save(folder / f"refused_{name}.npy", array)
