"""The optimiser against certified answers (NIST StRD), and its honesty where there is no answer."""

import doctest
import os
import re
from pathlib import Path

import numpy as np
import pytest

from spectra.analysis import least_squares
from spectra.analysis.least_squares import NotConverged, minimise

CORPUS = os.environ.get("QDLAB_CORPUS")
needs_corpus = pytest.mark.skipif(not CORPUS, reason="QDLAB_CORPUS does not point to the certified data")


def _misra1a(b, x):
    e = np.exp(-b[1] * x)
    return b[0] * (1 - e), [1 - e, b[0] * x * e]


def _misra1b(b, x):
    g = 1 + b[1] * x / 2
    return b[0] * (1 - g**-2), [1 - g**-2, b[0] * x * g**-3]


def _misra1c(b, x):
    g = 1 + 2 * b[1] * x
    return b[0] * (1 - g**-0.5), [1 - g**-0.5, b[0] * x * g**-1.5]


def _misra1d(b, x):
    g = 1 + b[1] * x
    return b[0] * b[1] * x / g, [b[1] * x / g, b[0] * x / g**2]


def _eckerle4(b, x):
    z = (x - b[2]) / b[1]
    e = np.exp(-0.5 * z**2)
    y = b[0] / b[1] * e
    return y, [e / b[1], y * (z**2 - 1) / b[1], y * z / b[1]]


def _lanczos(b, x):
    e = np.exp(-b[1::2, None] * x)
    return b[0::2] @ e, [d for i in range(3) for d in (e[i], -b[2 * i] * x * e[i])]


def _gauss(b, x):
    y = b[0] * np.exp(-b[1] * x)
    derivatives = [y / b[0], -x * y]
    for height, center, width in (b[2:5], b[5:8]):
        z = (x - center) / width
        e = np.exp(-(z**2))
        y = y + height * e
        derivatives += [e, 2 * height * e * z / width, 2 * height * e * z**2 / width]
    return y, derivatives


MODELS = {
    "Misra1a": _misra1a,
    "Misra1b": _misra1b,
    "Misra1c": _misra1c,
    "Misra1d": _misra1d,
    "BoxBOD": _misra1a,
    "Eckerle4": _eckerle4,
    **{f"Lanczos{i}": _lanczos for i in (1, 2, 3)},
    **{f"Gauss{i}": _gauss for i in (1, 2, 3)},
}


def _certified(name):
    text = (Path(CORPUS) / "reference" / "nist" / f"{name}.dat").read_text()
    rows = re.findall(r"^\s*b\d+\s*=\s*(\S+)\s+(\S+)\s+(\S+)\s+(\S+)", text, re.MULTILINE)
    table = np.array(rows, dtype=float)
    first, last = map(int, re.search(r"Data\s+\(lines\s+(\d+) to\s+(\d+)\)", text).groups())
    y, x = np.array([line.split() for line in text.splitlines()[first - 1 : last]], dtype=float).T
    return x, y, table[:, :2].T, table[:, 2], table[:, 3]


def _fit(name, x, y, start):
    def model(parameters, rows):
        answers = [MODELS[name](b, x) for b in parameters]
        return np.array([a[0] for a in answers]), np.array([a[1] for a in answers])

    return minimise(
        model,
        y[None],
        start[None],
        variance=np.ones((1, y.size)),
        scale_known=False,
        orthogonal=True,
        tolerance=1e-18,
        maximum_steps=2000,
    )


def _digits(found, certified):
    return -np.log10(np.maximum(np.abs(found - certified) / np.abs(certified), 1e-15)).min()


@needs_corpus
@pytest.mark.parametrize("start", [0, 1])
@pytest.mark.parametrize("name", [n for n in MODELS if n != "BoxBOD"])
def test_certified_parameters_are_found_to_six_digits_and_errors_to_four(name, start):
    x, y, starts, certified, deviations = _certified(name)
    solution = _fit(name, x, y, starts[start]).require_convergence()
    assert _digits(solution.parameters[0], certified) >= 6
    if not name.startswith("Lanczos"):  # residuals of 1e-13 to 1e-3: their errors are rounding
        assert _digits(np.sqrt(np.diag(solution.covariance[0])), deviations) >= 4


@needs_corpus
def test_boxbod_is_found_from_its_second_start():
    x, y, starts, certified, deviations = _certified("BoxBOD")
    solution = _fit("BoxBOD", x, y, starts[1]).require_convergence()
    assert _digits(solution.parameters[0], certified) >= 6
    assert _digits(np.sqrt(np.diag(solution.covariance[0])), deviations) >= 4


@needs_corpus
def test_boxbod_from_its_first_start_fails_loudly():
    x, y, starts, _, _ = _certified("BoxBOD")
    with pytest.raises(NotConverged):
        _fit("BoxBOD", x, y, starts[0]).require_convergence()


def test_the_examples_in_the_docstrings_hold():
    results = doctest.testmod(least_squares)
    assert results.attempted >= 4
    assert results.failed == 0


def _exponential(parameters, rows):
    x = np.linspace(0, 5, 60)
    e = np.exp(-parameters[:, 1:] * x)
    return parameters[:, :1] * e, np.stack([e, -parameters[:, :1] * x * e], axis=1)


def test_a_plateau_is_no_answer():
    """From a rate of 1e4 the model is a single point: nothing can be learnt about the rate."""
    y, _ = _exponential(np.array([[10.0, 1.0]]), None)
    solution = minimise(_exponential, y, np.array([[10.0, 1e4]]), variance=np.ones_like(y))
    assert not solution.converged[0]
    with pytest.raises(NotConverged, match="1 of 1"):
        solution.require_convergence()


def test_one_impossible_data_set_does_not_disturb_the_others():
    y, _ = _exponential(np.array([[10.0, 1.0], [20.0, 0.5], [5.0, 2.0]]), None)
    y[1] = np.nan
    solution = minimise(_exponential, y, np.tile([8.0, 0.8], (3, 1)), variance=np.ones_like(y))
    assert solution.converged.tolist() == [True, False, True]
    assert solution.parameters[[0, 2]] == pytest.approx(np.array([[10, 1], [5, 2]]), rel=1e-6)  # noise-free data


def test_a_parameter_on_its_bound_stays_there_and_has_no_uncertainty():
    y, _ = _exponential(np.array([[10.0, 1.0]]), None)
    bound = np.array([[-np.inf, 1.5]])
    solution = minimise(_exponential, y, np.array([[8.0, 2.0]]), lower=bound, variance=np.ones_like(y))
    assert solution.parameters[0, 1] == 1.5
    assert solution.at_bound[0].tolist() == [False, True]
    assert solution.covariance[0, 1].tolist() == [0.0, 0.0]


def test_normal_equations_and_qr_agree():
    counts = np.random.default_rng(3).poisson(_exponential(np.array([[50.0, 1.0]]), None)[0]).astype(float)
    both = [minimise(_exponential, counts, np.array([[40.0, 0.7]]), orthogonal=o) for o in (False, True)]
    assert both[0].parameters == pytest.approx(both[1].parameters, rel=1e-6)  # the tolerance of the search
    assert both[0].covariance == pytest.approx(both[1].covariance, rel=1e-5)
