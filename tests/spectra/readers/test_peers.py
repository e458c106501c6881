"""Real files read by QDLab and by other people's readers (``make peers``), number by number; docs/readers-against-peers.md.

Needs ``QDLAB_CORPUS`` and the peers' environment (``var/peers``, or the Python that ``QDLAB_PEERS`` names).
"""

import json
import os
import subprocess
from pathlib import Path

import numpy as np
import pytest

from spectra.readers import read
from spectra.readers.reading import UnreadableFile
from tests.spectra.readers.fuzz.judge import curves
from tests.spectra.readers.test_corpus import CORPUS, FOLDER

ROOT = Path(__file__).resolve().parents[3]
PYTHON = Path(os.environ.get("QDLAB_PEERS", ROOT / "var" / "peers" / "bin" / "python"))
MISSING = "The peers did not run: they need QDLAB_CORPUS and make peers."
pytestmark = pytest.mark.skipif(not CORPUS or not PYTHON.exists(), reason=MISSING)

# Where a peer is no judge of the numbers, and why; the page of the documentation tells more.
PEER_FAILS = {
    "jcamp/BRUKDIF.DX": "takes a comment inside the data for data",
    "jcamp/cheminfo__uv.jdx": "takes no pairs at places of their own under XYDATA",
    "jcamp/xyinc2.jdx": "gives 298 x and 350 y for a damaged file, which QDLab refuses",
    "jcamp/ISAS_CDX.DX": "peaks, which are a table and no curve",
    "jcamp/uv.jdx": "gives the variance, the second block, as the spectrum",
    "jcamp/tree-uv.jdx": "gives the variance, the second block, as the spectrum",
    "galactic_spc/m_ordz.spc": "does not read the old form",
    "emsa_msa/Al2O3_std.msa": "gives no points: keys that begin with ## confuse it",
    "jasco_jws/legacy_raman.jws": "draws a straight line between the first and the last x; QDLab reads the stored axis",
    "jasco_jws/uvvis_abs.jws": "does not read the flat form",
    "jasco_jws/uvvis_abs.jrs": "does not read the flat form",
    "jasco_jws/uvvis_refl.jws": "does not read the flat form",
}


@pytest.fixture(scope="module")
def answers() -> dict:
    """Path → what the peer made of it."""
    done = subprocess.run([PYTHON, ROOT / "tests" / "peers" / "read.py", FOLDER], capture_output=True, timeout=600)
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    return json.loads(done.stdout)


def ours(path: str) -> list:
    return curves(read((FOLDER / path).read_bytes(), Path(path).name))


def agree(curve: list, x: np.ndarray, y: np.ndarray) -> bool:
    """The same numbers in the same or the opposite order, to the digits that 32 bits keep."""
    their_x, their_y = (np.array(values) for values in curve)
    if (their_x.size, their_y.size) != (x.size, y.size):
        return False
    order = slice(None, None, 1 if (their_x[-1] > their_x[0]) == (x[-1] > x[0]) else -1)
    close = {"rtol": 2e-7, "equal_nan": True}
    return np.allclose(their_x[order], x, atol=2e-7 * np.ptp(x), **close) and np.allclose(
        their_y[order], y, atol=2e-7 * np.nanmax(np.abs(y)), **close
    )


def test_every_curve_that_a_peer_reads_right_is_the_same_here(answers):
    differing = {}
    for path, answer in answers.items():
        if path in PEER_FAILS:
            continue
        mine = ours(path)
        same = len(answer.get("curves", [])) == len(mine) and all(
            agree(curve, x, y) for curve, (x, y, *_) in zip(answer["curves"], mine, strict=True)
        )
        if not same:
            differing[path] = answer.get("error", "other numbers")
    assert differing == {}
    assert len(answers) - len(PEER_FAILS) >= 20


def test_where_a_peer_is_no_judge_it_still_fails(answers):
    """A peer that has learnt to read a file should be compared with; then its line goes."""
    for path in PEER_FAILS:
        try:
            mine = ours(path)
        except UnreadableFile:
            continue
        theirs = answers[path].get("curves", [])
        assert (
            not mine
            or len(theirs) != len(mine)
            or not all(agree(curve, x, y) for curve, (x, y, *_) in zip(theirs, mine, strict=True))
        ), path


def test_the_variance_that_a_peer_takes_for_the_spectrum_is_our_second_item(answers):
    for path in ("jcamp/uv.jdx", "jcamp/tree-uv.jdx"):
        (absorbance, variance), (theirs,) = ours(path), answers[path]["curves"]
        assert not agree(theirs, *absorbance[:2])
        assert agree(theirs, *variance[:2])
