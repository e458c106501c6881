"""Dilution series on pages: which emission belongs to which absorbance, what is missing, and the labels that pair them."""

from collections.abc import Iterable, Sequence

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from qdlab.records.versions import StaleVersion
from spectra import services
from spectra.followups import paired
from spectra.models import Measurement

MOST_LABEL = 40


def pairs_of(measurements: Iterable[Measurement]) -> list[dict]:
    """One row per label: its emission and its absorbance (the newest of each), and older ones that stand back."""
    labelled = [m for m in measurements if m.dilution_label and m.technique in ("pl_emission", "uvvis")]
    series = paired(labelled)
    return [
        {
            "label": label,
            "emission": series[label].get("pl_emission"),
            "absorbance": series[label].get("uvvis"),
            "complete": len(series[label]) == 2,
            "older": [
                m for m in labelled if m.dilution_label == label and m not in series[label].values()
            ],  # stand back
        }
        for label in series
    ]


def problems_of(pairs: Sequence[dict], measurements: Sequence[Measurement]) -> list[str]:
    """What a series lacks, in sentences; empty when it can be used."""
    if not measurements:
        return [_("No emission or absorbance spectrum is there yet.")]
    if not pairs:
        return [
            _("No measurement has a dilution label yet. Give each emission and its absorbance the same label, e.g. d1.")
        ]
    problems = []
    for pair in pairs:
        if not pair["absorbance"]:
            problems.append(_("{label}: the absorbance is missing.").format(label=pair["label"]))
        if not pair["emission"]:
            problems.append(_("{label}: the emission is missing.").format(label=pair["label"]))
    n = sum(pair["complete"] for pair in pairs)
    if 0 < n < 3:
        problems.append(
            ngettext(
                "{n} dilution is complete: a yield from so few is called a single-point one. Three or more are better.",
                "{n} dilutions are complete: a yield from so few is called a single-point one. Three or more are better.",
                n,
            ).format(n=n)
        )
    return problems


def save_labels(request, measurements) -> bool:
    """Store the labels of a form (``label-<id>`` with ``version-<id>``); say whether all of them were taken."""
    changed = 0
    for measurement in measurements:
        label = request.POST.get(f"label-{measurement.pk}")
        if label is None or label.strip() == measurement.dilution_label:
            continue
        if len(label.strip()) > MOST_LABEL:
            messages.error(request, _("A dilution label has at most {n} letters, e.g. d1.").format(n=MOST_LABEL))
            return False
        version = request.POST.get(f"version-{measurement.pk}", "")
        try:
            services.change_measurement(
                by=request.user, measurement=measurement, dilution_label=label.strip(),
                expected=int(version) if version.isdecimal() else None,
            )  # fmt: skip
        except StaleVersion:
            messages.warning(
                request, _("{name} was changed by somebody else meanwhile. Look at it again.").format(name=measurement)
            )
            continue
        except ValidationError as problem:
            messages.error(request, " ".join(problem.messages))
            return False
        changed += 1
    if changed:
        messages.success(request, _("Saved. What can be computed from it is computed by itself."))
    return True
