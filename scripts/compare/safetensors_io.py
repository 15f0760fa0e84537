# SPDX-License-Identifier: MIT
"""Reads and writes safetensors files with numpy alone (format: an 8-byte little-endian header length,
a JSON header {name: {dtype, shape, data_offsets}, "__metadata__": {...}}, then the bytes)."""
import json

import numpy as np

CODES = {"F64": np.float64, "F32": np.float32, "I64": np.int64, "U8": np.uint8}
NAMES = {np.dtype(t): code for code, t in CODES.items()}


def save(path, tensors, metadata=None):
    """tensors: {name: array}, written widest type first so that all are aligned; metadata: {str: str}."""
    header, blobs, offset = {}, [], 0
    if metadata:
        header["__metadata__"] = metadata
    for name, array in sorted(tensors.items(), key=lambda item: -item[1].itemsize):
        blob = np.asarray(array, order="C").tobytes()
        header[name] = {"dtype": NAMES[array.dtype], "shape": list(array.shape),
                        "data_offsets": [offset, offset + len(blob)]}
        offset += len(blob)
        blobs.append(blob)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as out:
        out.write(len(text).to_bytes(8, "little") + text + b"".join(blobs))


def load(path):
    """-> ({name: array}, metadata)."""
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = file.read()
    metadata = header.pop("__metadata__", {})
    return {name: np.frombuffer(data[slice(*e["data_offsets"])], CODES[e["dtype"]]).reshape(e["shape"])
            for name, e in header.items()}, metadata
