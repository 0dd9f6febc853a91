"""Writes python.safetensors with the safetensors package. Run in this directory."""
import numpy as np
from safetensors.numpy import save_file

bits = np.array([0, 0x80000000, 1, 0x7F7FFFFF, 0x7F800000, 0x7FC00001, 0x3DCCCCCD, 0xFF800000], dtype=np.uint32)
tensors = {
    "layer.0/weight": (np.arange(6, dtype=np.float32) / 4 - 1).reshape(2, 3),
    "bits": bits.view(np.float32).reshape(2, 2, 2),
    "schrödinger 🐈 \"quoted\" \\ tab\t": np.array([1 / 3, -5e-324, 1e300], dtype=np.float64),
    "integers": np.array([[-(2**63)], [2**63 - 1]], dtype=np.int64),
    "counter": np.array([2**64 - 1, 0, 2**53 + 1], dtype=np.uint64),
    "scalar": np.array(2.5, dtype=np.float64),
    "none": np.zeros((3, 0, 2), dtype=np.float32),
}
metadata = {"definition": '{"kernel":"gaussian","β":[0.1]}', "note": "line\nbreak \u0001 🐈", "": ""}
save_file(tensors, "python.safetensors", metadata=metadata)
