#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Measurements as the repository keeps them, so that a page can be made again wherever the repository is: the rounds side by side,
five digits of every number, and of rows only what pages show.

usage: kept.py MEASUREMENT KEPT
Pages are made from KEPT alone. What it holds: all that the measurement says, and for "rounds" one table in the form of a round, in
which a list stands for a value, one entry a round (null where a round lacks it), or {"=": value} where all rounds agree.
"""
import json
import os
import sys

# Of a row of counters; everything else in a measurement is kept.
UNSHOWN = "madds/s", "label"
AGREE = "="


def shortened(value):
    """Floats to five digits."""
    if isinstance(value, float):
        return float(f"{value:.5g}")
    if isinstance(value, dict):
        return {key: shortened(v) for key, v in value.items() if key not in UNSHOWN}
    if isinstance(value, list):
        return [shortened(v) for v in value]
    return value


def side_by_side(values):
    """Of one value a round."""
    if any(isinstance(v, dict) for v in values):
        rows = [v or {} for v in values]
        keys = {key: None for row in rows for key in row}  # in the order of their appearance
        return {key: side_by_side([row.get(key) for row in rows]) for key in keys}
    return {AGREE: values[0]} if all(v == values[0] for v in values) else values


def one_round(table, number):
    """The inverse: a round of the table, without what it lacks."""
    if isinstance(table, list):
        return table[number]
    if set(table) == {AGREE}:
        return table[AGREE]
    row = {key: one_round(value, number) for key, value in table.items()}
    return {key: value for key, value in row.items() if value is not None and (value != {} or table[key] == {})}


def keep(measurement):
    kept = {key: shortened(value) for key, value in measurement.items() if key != "rounds"}
    kept["number of rounds"] = len(measurement["rounds"])
    kept["rounds"] = side_by_side(shortened(measurement["rounds"]))
    return kept


def read(path):
    """A measurement, from a file that keep wrote or from one of a measurement itself."""
    with open(path) as file:
        data = json.load(file)
    if "number of rounds" in data:
        data["rounds"] = [one_round(data["rounds"], n) for n in range(data.pop("number of rounds"))]
    return data


def text(value, depth):
    """JSON with a line for each entry of the outer levels, so that changes can be read."""
    if depth == 0 or not isinstance(value, dict) or not value:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return "{\n" + ",\n".join(f"{json.dumps(key, ensure_ascii=False)}:{text(v, depth - 1)}" for key, v in value.items()) + "\n}"


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    kept = keep(read(sys.argv[1]))
    os.makedirs(os.path.dirname(os.path.abspath(sys.argv[2])), exist_ok=True)
    with open(sys.argv[2], "w") as file:
        file.write(text(kept, 3) + "\n")
    print(f"wrote {sys.argv[2]}")


if __name__ == "__main__":
    main()
