"""What other people's readers make of instrument files; runs in the environment of ``make peers``, which has no QDLab.

var/peers/bin/python tests/peers/read.py FOLDER      prints {path: {"peer", "curves": [[x, y] …] or "error"}} as JSON
"""

import json
import sys
import warnings
from pathlib import Path

import numpy as np


def by_jcamp(path: Path) -> list:
    import jcamp

    found = jcamp.readfile(str(path))
    parts = [part for part in found.get("children", []) if "x" in part] or [found]
    return [(part["x"], part["y"]) for part in parts]


def by_spc_io(path: Path) -> list:
    import spc_io

    with path.open("rb") as file:
        return [(part.xarray, part.yarray) for part in spc_io.SPC.from_bytes_io(file)]


def by_rosettasciio(path: Path) -> list:
    from rsciio import bruker, msa

    reader = msa if path.suffix == ".msa" else bruker
    (found,) = reader.file_reader(str(path))
    (axis,) = found["axes"]
    return [(axis["offset"] + axis["scale"] * np.arange(axis["size"]), found["data"])]


def by_sif_parser(path: Path) -> list:
    import sif_parser

    data, info = sif_parser.np_open(str(path))
    return [(sif_parser.utils.extract_calibration(info), data[0, 0])]


def by_jws2txt(path: Path) -> list:
    import jws2txt

    file = jws2txt.JWSFile(str(path))
    x, *channels = file.unpacked_data
    return [(x, values) for values in channels]


PEERS = {
    "jcamp": ("jcamp", by_jcamp),
    "galactic_spc": ("spc-io", by_spc_io),
    "emsa_msa": ("rosettasciio", by_rosettasciio),
    "bruker_spx": ("rosettasciio", by_rosettasciio),
    "andor_sif": ("sif_parser", by_sif_parser),
    "jasco_jws": ("jws2txt", by_jws2txt),
}


def main(folder: Path) -> None:
    answers = {}
    for kind, (peer, reader) in PEERS.items():
        for path in sorted((folder / kind).iterdir()):
            try:
                curves = [[np.asarray(a, float).ravel().tolist() for a in pair] for pair in reader(path)]
                answers[f"{kind}/{path.name}"] = {"peer": peer, "curves": curves}
            except Exception as error:
                answers[f"{kind}/{path.name}"] = {"peer": peer, "error": f"{type(error).__name__}: {error}"[:200]}
    sys.__stdout__.write(json.dumps(answers))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    sys.stdout = sys.stderr  # some of them print
    main(Path(sys.argv[1]))
