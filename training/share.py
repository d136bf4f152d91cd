"""Writes a part of an adapter's weight as an adapter: share.py ADAPTER SHARE OUT

What ships is the part that was chosen by measuring (`score.py ADAPTER@SHARE`, `merge.py --share`);
whoever reads the result has only to add it.
"""

import sys

from safetensors import safe_open

import adapter as adapters


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    path, share, out = sys.argv[1], float(sys.argv[2]), sys.argv[3]
    with safe_open(path, "pt") as file:
        about = file.metadata() or {}
    about["part"] = share * float(about.get("part", 1))
    adapters.write(out, adapters.read(path, share), **about)


if __name__ == "__main__":
    main()
