"""The picture behind each kind of analysis: data, model, residuals. One line per method in ``DRAWN``."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _

from spectra.figures import figure
from spectra.models import Analysis
from spectra.plots.against import Point
from spectra.plots.along import along
from spectra.plots.beside import beside
from spectra.plots.chromaticity_diagram import chromaticity_diagram
from spectra.plots.decay_curve import autocorrelation, decay_curve
from spectra.plots.dichroism import dichroism
from spectra.plots.exciton import exciton
from spectra.plots.fitted_band import fitted_band
from spectra.plots.gradient import gradient
from spectra.plots.size_histogram import size_histogram
from spectra.plots.sizes_and_wavelengths import sizes_and_wavelengths
from spectra.plots.sphere import sphere
from spectra.plots.tauc_plot import tail, tauc_plot


@dataclass(frozen=True)
class Choosing:
    """What one may choose on a method's figure: the settings that a range along its x goes into."""

    figure: str
    unit: str
    exclude: str = ""
    window: tuple[str, str] | None = None
    curves: tuple[str, ...] = ()  # settings of single curves, which take the numbers of their points
    baseline: str = ""  # takes ranges that the baseline goes through
    component: str = ""  # takes places of further bands


NM_WINDOW = ("window_min_nm", "window_max_nm")
CHOOSING = {
    "emission_band": Choosing("fit", "nm", "exclude", NM_WINDOW, baseline="baseline_nm", component="centers_nm"),
    "first_exciton": Choosing("exciton", "nm", "exclude", NM_WINDOW),
    "circular_dichroism": Choosing("cd", "nm", window=NM_WINDOW),
    "decay": Choosing("fit", "ns", window=("start_ns", "stop_ns")),
    "tauc": Choosing("tauc", "eV", window=("window_min_ev", "window_max_ev")),
    "growth": Choosing("growth", "min", "exclude"),
    "ageing": Choosing("ageing", "h", "exclude"),
    "el_voltage": Choosing("voltage", "V", "exclude"),
    "plqy": Choosing("gradient", "", curves=("exclude_sample", "exclude_standard")),
}


def of_analysis(analysis: Analysis) -> list[dict]:
    """The picture behind an analysis: data, model, residuals; nothing where the method leaves no curves."""
    if analysis.method == "colour":
        return _colour(analysis)
    draw = DRAWN.get(analysis.method)
    return draw(analysis.curves, analysis.details) if draw and analysis.curves else []


def of_both(first: Analysis, second: Analysis) -> list[dict]:
    """The pictures of two analyses of one method, each drawn as one; what only one of them has is left away."""
    if first.method == "colour":
        return _colour(first, second)
    others = {drawn["id"]: drawn for drawn in of_analysis(second)}
    names = (_("first"), _("second"))
    return [
        drawn | {"views": _both_views(drawn["views"], others[drawn["id"]]["views"], names)}
        for drawn in of_analysis(first)
        if drawn["id"] in others
    ]


def _both_views(first: Mapping, second: Mapping, names) -> dict:
    return {name: beside(drawn, second[name], names) for name, drawn in first.items() if name in second}


def _colour(*analyses: Analysis) -> list[dict]:
    points = [point for analysis in analyses if (point := _chromaticity(analysis))]
    if not points:
        return []
    if len(analyses) > 1:
        points = [
            replace(point, group=f"{_('first') if i == 0 else _('second')}: {point.label}")
            for i, point in enumerate(points)
        ]
    drawn = chromaticity_diagram(points, gettext=_)
    return [figure("cie", _("CIE 1931 diagram with the Rec.2020 triangle"), {"x, y": drawn})]


def _chromaticity(analysis: Analysis) -> Point | None:
    found = {q.name.removeprefix("el_"): q for q in analysis.quantities.all() if q.value is not None}
    if not {"cie_x", "cie_y"} <= found.keys():
        return None
    x, y = found["cie_x"], found["cie_y"]
    name = str(analysis.measurement or analysis.sample or "")
    return Point(name, x.value, y.value, x.u, y.u, group=name)


def _exciton(curves: Mapping, details: Mapping) -> list[dict]:
    return [figure("exciton", _("Absorbance and its second derivative"), {_("fit"): exciton(curves, gettext=_)})]


def _band(curves: Mapping, details: Mapping) -> list[dict]:
    return [figure("fit", _("Emission band and fit"), {_("fit"): fitted_band(curves, gettext=_)})]


def _decay(curves: Mapping, details: Mapping) -> list[dict]:
    drawn = [
        figure("fit", _("Decay, fit and weighted residuals"), {_("fit"): decay_curve(curves, gettext=_)}, log=True)
    ]
    if curves.get("autocorrelation"):
        drawn.append(
            figure(
                "autocorrelation", _("Autocorrelation of the residuals"), {_("lag"): autocorrelation(curves, gettext=_)}
            )
        )
    return drawn


def _gradient(curves: Mapping, details: Mapping) -> list[dict]:
    drawn = gradient(curves, details.get("abscissa", "absorptance"), gettext=_)
    return [figure("gradient", _("Integrated emission against absorptance"), {_("lines"): drawn})]


def _sizes(curves: Mapping, details: Mapping) -> list[dict]:
    summary = _("{n} particles; populations were fitted to these, not to the bars.").format(n=details["n_particles"])
    drawn = size_histogram(curves, gettext=_)
    return [figure("sizes", _("Sizes and their populations"), {_("sizes"): drawn}, summary=summary)]


def _growth(curves: Mapping, details: Mapping) -> list[dict]:
    drawn = along(
        curves, "time_min", _("time (min)"), "intensity", _("intensity, normalised"),
        lines=[("smooth", _("smooth")), ("logistic", _("logistic curve"))], gettext=_,
    )  # fmt: skip
    return [figure("growth", _("Growth of the emission"), {_("time"): drawn})]


def _ageing(curves: Mapping, details: Mapping) -> list[dict]:
    views = {_("age"): along(curves, "age_h", _("age (h)"), "fraction", _("fraction left"), u="fraction_u", gettext=_)}
    if any(dose is not None for dose in curves["dose_j_cm2"]):
        views[_("dose")] = along(
            curves, "dose_j_cm2", _("dose (J/cm²)"), "fraction", _("fraction left"), u="fraction_u", gettext=_
        )
    return [figure("ageing", _("What is left of the emission"), views)]


def _voltage(curves: Mapping, details: Mapping) -> list[dict]:
    drawn = along(
        curves, "voltage_v", _("voltage (V)"), "light", _("light (integral of the band)"), log=True, gettext=_
    )
    return [figure("voltage", _("Electroluminescence against voltage"), {_("voltage"): drawn})]


def _dichroism(curves: Mapping, details: Mapping) -> list[dict]:
    return [figure("cd", _("Circular dichroism and dissymmetry"), {_("CD"): dichroism(curves, gettext=_)})]


def _tauc(curves: Mapping, details: Mapping) -> list[dict]:
    views = {
        _("absorption edge"): tauc_plot(curves, details["exponent"], gettext=_),
        _("tail"): tail(curves, gettext=_),
    }
    return [figure("tauc", _("Tauc plot"), views)]


def _sphere(curves: Mapping, details: Mapping) -> list[dict]:
    return [figure("sphere", _("Spectra of the sphere"), {_("photons"): sphere(curves, gettext=_)})]


def _confinement(curves: Mapping, details: Mapping) -> list[dict]:
    drawn = sizes_and_wavelengths(curves, details["peak_nm"], gettext=_)
    return [figure("confinement", _("Wavelength by size, for every geometry"), {_("sizes"): drawn})]


DRAWN = {
    "emission_band": _band,
    "decay": _decay,
    "plqy": _gradient,
    "first_exciton": _exciton,
    "tem_diameters": _sizes,
    "growth": _growth,
    "ageing": _ageing,
    "el_voltage": _voltage,
    "circular_dichroism": _dichroism,
    "tauc": _tauc,
    "plqy_absolute": _sphere,
    "confinement": _confinement,
}
