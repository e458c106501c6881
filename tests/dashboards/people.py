"""A small lab for the dashboards: batches with ratios, results and a failure, written through the services."""

from qdlab.access.models import Role
from synthesis import services
from tests import factories
from tests.spectra import records

NUMBERS = {
    "emission_peak_nm": (453.0, 0.3, "nm"),
    "emission_fwhm_nm": (14.9, 0.2, "nm"),
}


def member(project, role: str, name: str):
    return factories.make_member(project, Role(role), factories.make_user(name))


def make_batch(
    recipe, by, code: str, numbers: dict | None = NUMBERS, *, state: str = "washed", method="emission_band", **fields
):
    """A weighed batch with a sample, and results where there are numbers."""
    made = factories.make_batch(revision=recipe.revisions.get(), by=by, code=code, **fields)
    factories.weigh_as_planned(made, by=by)
    sample = factories.make_sample(made, by=by, state=state)
    services.choose_representative(by=by, batch=made, sample=sample)
    if numbers:
        records.make_result(records.make_measurement(sample), numbers, method=method)
    made.refresh_from_db()
    return made
