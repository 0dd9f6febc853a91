"""check_safetensors.py FILE [COPY]: checks FILE, written by SafeTensorsTests, with the safetensors package.

With COPY, that package writes what it has read there, for the test to read back.
"""
import sys

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file

expected = {
    "narrow": np.array([0.5, -0.0, np.inf, np.nan, 2.0**-149], dtype=np.float32),
    "grid": (np.arange(24, dtype=np.float32) * 0.25).reshape(2, 3, 4),
    "wide": np.array([[0.1], [-5e-324]], dtype=np.float64),
    "signed": np.array([-(2**63), 2**63 - 1], dtype=np.int64),
    "unsigned \"🐈\"\n\\": np.array([[2**64 - 1]], dtype=np.uint64),
    "scalar": np.array(1.5, dtype=np.float32),
    "none": np.zeros((0, 3), dtype=np.float64),
}
metadata = {"definition": '{"a":"b\\n"}', "controls": "".join(map(chr, range(32))), "naïve 🐈": "日本", "": ""}

with safe_open(sys.argv[1], framework="np") as file:
    tensors = {name: file.get_tensor(name) for name in file.keys()}
    assert file.metadata() == metadata, file.metadata()
assert tensors.keys() == expected.keys(), tensors.keys()
for name, value in expected.items():
    found = tensors[name]
    assert (found.dtype, found.shape) == (value.dtype, value.shape), (name, found.dtype, found.shape)
    assert found.tobytes() == value.tobytes(), (name, found)
with open(sys.argv[1], "rb") as file:
    length = int.from_bytes(file.read(8), "little")
    assert length % 8 == 0, length
if len(sys.argv) > 2:
    save_file(tensors, sys.argv[2], metadata=metadata)
print("equal")
