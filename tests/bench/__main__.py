"""``python -m tests.bench NAME [options]``: run one measurement; without a name, say which there are."""

import importlib
import pkgutil
import sys
from pathlib import Path


def main(arguments: list[str]) -> int:
    names = [found.name for found in pkgutil.iter_modules([str(Path(__file__).parent)]) if not found.ispkg]
    names.remove("__main__")
    if not arguments or arguments[0] not in names:
        print(f"Name one of: {', '.join(names)}; e.g. make bench ARGS=uploads", file=sys.stderr)
        return 2
    return importlib.import_module(f"tests.bench.{arguments[0]}").main(arguments[1:])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
