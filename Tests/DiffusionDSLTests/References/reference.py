"""What the generators beside this file share: writing a table of references."""
import json
import math
import pathlib
import re

BITS = 1 / math.log(2)


def save(generator, table):
    """Writes `table` as NAME.json beside NAME.py, rounded to what is meaningful, and says so."""
    path = pathlib.Path(generator).with_suffix(".json")
    text = json.dumps(_rounded(table), indent=1, allow_nan=False)
    # Arrays without further nesting on one line: a change of a number is then one line of a comparison.
    text = re.sub(r"\[[^][{}]*\]", lambda array: re.sub(r"\s*\n\s*", " ", array.group()), text)
    path.write_text(text + "\n")
    print(f"wrote {path.name}")


def _rounded(value):
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_rounded(item) for item in value]
    if isinstance(value, bool) or value is None or isinstance(value, (str, int)):
        return value
    return float(f"{float(value):.15g}")
