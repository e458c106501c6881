"""What must not matter does not: the scale of y, the direction and the unit of x, the order and the unit of a series."""

import numpy as np
import pytest

from spectra.analysis import METHODS
from spectra.analysis.emission_band import per_ev
from spectra.analysis.method import Case, Input
from spectra.atomic_fractions import AtomicFraction, AtomicFractions
from spectra.conditions import Conditions
from spectra.decay import Decay
from spectra.sizes import Sizes
from spectra.spectrum import HC_EV_NM, Channel, Series, Spectrum
from tests.accuracy.scenes.scene import gaussian, upstream
from tests.spectra.analysis.decay_simulation import expected_counts, gaussian_response
from tests.spectra.analysis.plqy_simulation import World

NM = np.arange(380.0, 701.0)
RNG = np.random.default_rng(3)
KNOWN = Conditions(spectrally_corrected=True, intensity_unit="energy")
BAND = RNG.normal(1000 * gaussian(NM, 473.0, 18.0) + 20, np.sqrt(1000 * gaussian(NM, 473.0, 18.0) + 24))
PEAK = 0.3 * gaussian(NM, 453.0, 18.0) + 0.5 / (1 + np.exp((NM - 425.0) / 8.0)) + RNG.normal(0, 3e-4, NM.size)
EDGE = np.sqrt(np.maximum(HC_EV_NM / NM - 2.4, 0)) * NM / 500 + RNG.normal(0, 3e-4, NM.size)
THETA = 3 * gaussian(NM, 453.0, 20.0) - 2 * gaussian(NM, 480.0, 20.0) + RNG.normal(0, 0.05, NM.size)
ONE = {  # method → role, y, quantity, unit of y, parameters; which quantities scale with y, and with what power
    "emission_band": ("emission", BAND, "intensity", "[a.u.]", {}, {}),
    "colour": ("emission", BAND, "intensity", "[a.u.]", {}, {}),
    "first_exciton": ("absorbance", PEAK, "absorbance", "1", {}, {}),
    "tauc": ("absorbance", EDGE, "absorbance", "1", {}, {}),
    "nanocrystal_concentration": ("absorbance", PEAK, "absorbance", "1", {"epsilon": 1e5, "epsilon_at_nm": 453.0},
                                  {"absorbance_read": 1, "dot_concentration_mol_l": 1}),
    "circular_dichroism": ("cd", THETA, "ellipticity", "mdeg", {}, {"cd_positive_mdeg": 1, "cd_negative_mdeg": 1}),
}  # fmt: skip


def numbers(method, *inputs, **parameters):
    (outcome,) = METHODS[method].run([Case(tuple(inputs), METHODS[method].complete(parameters))])
    assert outcome.refusal is None, outcome.refusal
    return {e.name: np.array([e.value, e.u or 0.0]) for e in outcome.estimates if e.value is not None}


def of_spectrum(method, x=NM, factor=1.0, x_unit="nm", order=slice(None)):
    role, y, quantity, unit, parameters, _ = ONE[method]
    spectrum = Spectrum(x[order], (Channel(factor * y[order], quantity, unit),), x_unit)
    return numbers(method, Input(role, 0, "m1", spectrum, KNOWN), **parameters)


def assert_same(found, expected, rel=1e-6):
    assert found.keys() == expected.keys()
    for name, (value, u) in expected.items():
        # values to far below their u; u to a little less, since some come from draws or from a search that stops
        assert found[name][0] == pytest.approx(value, abs=1e-3 * u + rel * abs(value)), name
        assert found[name][1] == pytest.approx(u, rel=0.02, abs=1e-12), name


@pytest.mark.parametrize("method", ONE)
def test_the_direction_of_the_axis_does_not_matter(method):
    assert_same(of_spectrum(method, order=slice(None, None, -1)), of_spectrum(method), rel=1e-9)


@pytest.mark.parametrize("method", ONE)
@pytest.mark.parametrize("factor", [2.0, 0.5])
def test_the_scale_of_y_moves_only_what_is_measured_in_it(method, factor):
    powers, plain = ONE[method][5], of_spectrum(method)
    expected = {name: value * factor ** powers.get(name, 0) for name, value in plain.items()}
    assert_same(of_spectrum(method, factor=factor), expected)


@pytest.mark.parametrize("factor", [1e-6, 1e6])
@pytest.mark.parametrize("method", ["emission_band", "colour"])
def test_intensities_have_no_unit_of_their_own(method, factor):
    assert_same(of_spectrum(method, factor=factor), of_spectrum(method))


@pytest.mark.parametrize("unit", ["eV", "1/cm"])
@pytest.mark.parametrize("method", ["first_exciton", "tauc", "nanocrystal_concentration", "circular_dichroism"])
def test_absorption_and_cd_may_come_over_energy_or_wavenumber(method, unit):
    """They are no densities: each point keeps its value."""
    x = HC_EV_NM / NM if unit == "eV" else 1e7 / NM
    assert_same(of_spectrum(method, x=x, x_unit=unit), of_spectrum(method), rel=1e-6)


@pytest.mark.parametrize("fwhm", [8.0, 15.0, 40.0])
def test_a_band_keeps_its_area_from_nm_to_ev(fwhm):
    nm = np.arange(250.0, 950.0, 0.05)
    y = gaussian(nm, 453.0, fwhm)
    energy, density = per_ev(nm, y)
    # Σ y·dλ = Σ y(λ²/hc)·(hc/λ²)dλ: the Jacobian of every point is that of its own step
    assert (density * HC_EV_NM / nm**2).sum() == pytest.approx(y.sum(), rel=1e-10)
    assert -np.trapezoid(density, energy) == pytest.approx(np.trapezoid(y, nm), rel=1e-6)  # the rule on an uneven grid


def test_transmittance_in_per_cent_and_in_parts_and_absorbance_are_one():
    def given(values, quantity, unit):
        spectrum = Spectrum(NM, (Channel(values, quantity, unit),))
        return numbers("first_exciton", Input("absorbance", 0, "m1", spectrum))

    plain = given(PEAK, "absorbance", "1")
    assert_same(given(10**-PEAK, "transmittance", "1"), plain)
    assert_same(given(100 * 10**-PEAK, "transmittance", "%"), plain)


def test_degrees_and_millidegrees_are_one():
    def given(values, unit):
        return numbers(
            "circular_dichroism", Input("cd", 0, "m1", Spectrum(NM, (Channel(values, "ellipticity", unit),)))
        )

    assert_same(given(THETA / 1e3, "deg"), given(THETA, "mdeg"))


RESPONSE = gaussian_response()
COUNTS = np.random.default_rng(2).poisson(expected_counts(RESPONSE, [180.0], [5e4], 0.5)).astype(float)


def test_a_decay_scales_with_its_bins_and_not_with_the_height_of_the_response():
    def given(bin_ns, response):
        return numbers(
            "decay", Input("decay", 0, "m1", Decay(COUNTS, bin_ns)), Input("irf", 0, "r", Decay(response, bin_ns))
        )

    plain = given(0.05, RESPONSE * 1e5)
    slower = given(0.5, RESPONSE * 1e5)
    assert slower["lifetime_ns"] == pytest.approx(10 * plain["lifetime_ns"], rel=1e-6)
    # a response of more counts is known better, but is the same response
    assert given(0.05, RESPONSE * 1e6)["lifetime_ns"][0] == pytest.approx(plain["lifetime_ns"][0], rel=1e-3)


def test_a_quantum_yield_does_not_depend_on_the_order_or_the_brightness_of_its_spectra():
    case = World(phi=0.6).case()

    def given(factor, inputs):
        scaled = []
        for one in inputs:
            value = one.value
            if "emission" in one.role:
                channel = value.signal
                value = Spectrum(
                    value.x, (Channel(factor * channel.values, channel.quantity, channel.unit),), value.x_unit
                )
            scaled.append(Input(one.role, one.index, one.source, value, one.conditions, one.estimates, one.facts))
        return numbers("plqy", *scaled)

    plain = given(1.0, case.inputs)
    assert plain["plqy"][0] == pytest.approx(0.6, rel=1e-3)
    assert_same(given(1e3, case.inputs[::-1]), plain)


MINUTES = np.arange(0.0, 400.0, 4.0)
CURVE = 1 / (1 + np.exp(-(MINUTES - 180.0) / 15.0)) + np.random.default_rng(4).normal(0, 0.01, MINUTES.size)


def test_a_growth_has_the_same_times_in_seconds_backwards_and_at_any_brightness():
    def given(x, y, unit):
        return numbers(
            "growth", Input("series", 0, "m1", Spectrum(x, (Channel(y, "intensity", "[a.u.]"),), unit, "time"))
        )

    plain = given(MINUTES, CURVE, "min")
    assert_same(given(60 * MINUTES, CURVE, "s"), plain)
    assert_same(given(MINUTES[::-1], CURVE[::-1], "min"), plain)
    assert_same(given(MINUTES, 1e4 * CURVE, "min"), plain, rel=1e-4)


VOLTS = np.arange(4.0, 11.0, 0.5)
EL = [Spectrum(NM, (Channel(RNG.normal(y, np.sqrt(y + 4)), "intensity", "[a.u.]"),))
      for y in (1e4 * 10 ** ((v - 11) / 2) * gaussian(NM, 456.0, 16.5) for v in VOLTS)]  # fmt: skip


def test_a_device_gives_the_same_in_millivolts_and_in_any_order():
    def given(spectra, volts, unit):
        series = Series(tuple(spectra), volts, "voltage", unit)
        return numbers("el_voltage", Input("series", 0, "m1", series, facts={"technique": "el"}))

    plain = given(EL, VOLTS, "V")
    assert_same(given(EL, 1e3 * VOLTS, "mV"), plain)
    assert_same(given(EL[::-1], VOLTS[::-1], "V"), plain)


def test_ageing_does_not_depend_on_the_order_of_its_files_or_on_the_detector():
    def given(factor, order):
        inputs = []
        for i, age in list(enumerate((0.0, 100.0, 200.0, 400.0, 700.0)))[::order]:
            y = factor * BAND * 0.5 ** (age / 300.0)
            spectrum = Spectrum(NM, (Channel(y, "intensity", "[a.u.]"),))
            inputs.append(
                Input("emission", i, f"m{i}", spectrum, Conditions(ageing_h=age), facts={"technique": "pl_emission"})
            )
        return numbers("ageing", *inputs)

    assert_same(given(1e3, -1), given(1.0, 1))


def test_sizes_scale_with_their_unit_and_do_not_depend_on_their_order():
    values = np.random.default_rng(5).normal(8.0, 0.6, 200)

    def given(values_nm):
        return numbers("tem_diameters", Input("sizes", 0, "m1", Sizes(values_nm, "diameter", "d")))

    plain, larger = given(values), given(10 * values[::-1])
    for name in ("tem_mean_nm", "tem_spread_nm", "population_center_nm", "population_spread_nm"):
        assert larger[name] == pytest.approx(10 * plain[name], rel=1e-6)
    assert larger["population_share"] == pytest.approx(plain["population_share"], abs=1e-9)


def test_a_composition_does_not_depend_on_what_else_was_seen():
    """Carbon of the substrate lowers every percent by the same factor."""

    def given(factor, *more):
        lines = [AtomicFraction(e, factor * p, factor * 0.5) for e, p in (("Cs", 15.0), ("Pb", 17.0), ("Br", 62.0))]
        return numbers("particle_composition", Input("composition", 0, "m1", AtomicFractions((*lines, *more))), n=4)

    assert_same(given(0.5, AtomicFraction("C", 50.0, 1.0)), given(1.0), rel=1e-9)


def test_a_shift_of_both_scales_leaves_the_stokes_shift_in_place():
    """In energy, that is: absorption and emission moved by the same energy are as far apart as before."""

    def given(moved_ev):
        nm = [HC_EV_NM / (HC_EV_NM / one + moved_ev) for one in (450.0, 460.0)]
        return numbers("stokes_shift", upstream("absorption", "absorption_peak_nm", "nm", nm[0], 0.4),
                       upstream("emission", "emission_peak_nm", "nm", nm[1], 0.3))  # fmt: skip

    assert given(0.1)["stokes_shift_mev"][0] == pytest.approx(given(0.0)["stokes_shift_mev"][0], rel=1e-9)


def test_rates_are_the_inverse_of_the_unit_of_time():
    def given(tau_ns):
        return numbers(
            "rates",
            upstream("plqy", "plqy", "1", 0.6, 0.02),
            upstream("lifetime", "lifetime_ns", "ns", tau_ns, 0.01 * tau_ns),
        )

    plain, slower = given(10.0), given(1000.0)
    for name in ("k_r_per_s", "k_nr_per_s"):
        assert slower[name] == pytest.approx(plain[name] / 100.0, rel=1e-9)


def test_a_sphere_gives_the_same_with_a_brighter_lamp():
    x = np.arange(350.0, 560.0, 0.5)
    lines = gaussian(x, 372.0, 4.0), gaussian(x, 453.0, 15.0) * 4 / 15

    def given(factor):
        inputs = []
        for role, excitation, emission in (("empty", 1.0, 0.0), ("indirect", 0.95, 0.03), ("direct", 0.5, 0.3)):
            y = factor * 1e6 * (excitation * lines[0] + emission * lines[1])
            about = Conditions(excitation_nm=372.0, spectrally_corrected=True, intensity_unit="photon")
            inputs.append(Input(role, 0, role, Spectrum(x, (Channel(y, "intensity", "[a.u.]"),)), about))
        return numbers("plqy_absolute", *inputs)

    plain = given(1.0)
    for name, (value, _) in given(100.0).items():
        assert value == pytest.approx(plain[name][0], rel=1e-3)  # noise as found in exact curves is not exact
