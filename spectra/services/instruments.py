"""Instruments: what their files do not say, asked once per instrument."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from qdlab.access import roles
from qdlab.access.models import User
from qdlab.records import audit, outbox
from qdlab.records.versions import change
from spectra import provenance, queue
from spectra.models import Instrument
from spectra.services.hints import checked_hints

# Conditions that belong to the instrument rather than to one measurement.
DEFAULTS = (
    "spectrally_corrected",
    "intensity_unit",
    "correction_file",
    "excitation_bandwidth_nm",
    "emission_bandwidth_nm",
    "bandwidth_nm",
    "path_length_cm",
    "repetition_rate_mhz",
    "saturation_level",
)


@transaction.atomic
def change_instrument(
    *, by: User, instrument: Instrument, expected: int | None = None, maker: str = "", model: str = "", serial: str = "",
    defaults: dict | None = None,
) -> Instrument:  # fmt: skip
    """Say what is true of an instrument wherever its files are silent; results that this touches become stale soon after.

    ``defaults`` replaces all earlier ones; an empty value means "not known". Raises ValidationError by field.
    """
    roles.require_shelf(by)
    unknown = set(defaults or {}) - set(DEFAULTS)
    if unknown:
        raise ValidationError(_("An instrument has no default “{name}”.").format(name=", ".join(sorted(unknown))))
    checked = checked_hints(defaults or {}, project=None)
    facts = {"maker": maker.strip(), "model": model.strip(), "serial": serial.strip(), "defaults": checked}
    before = change(instrument, expected=expected, **facts)
    audit.record(by=by, action="instrument.changed", subject=instrument, before=before, after=facts)
    if before["defaults"] != checked:
        outbox.changed(provenance.INSTRUMENT, instrument.pk)
        queue.wake(provenance.REFRESH)
    return instrument
