"""A batch that was measured before anybody wrote it down: made from the files that name it."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from qdlab.access.models import User
from spectra.models import Upload
from spectra.services.placing import correct_all
from synthesis.models import RecipeRevision, Sample
from synthesis.services import add_sample, make_batch


@transaction.atomic
def make_batch_of_files(*, by: User, revision: RecipeRevision, code: str, uploads: Sequence[Upload]) -> Sample:
    """Make batch ``code`` by a recipe, with one sample, and put the files on that."""
    if any(upload.project_id != revision.recipe.project_id for upload in uploads):
        raise ValidationError({"recipe": _("The recipe and the files belong to different projects.")})
    batch = make_batch(by=by, revision=revision, code=code)
    sample = add_sample(by=by, batch=batch)
    correct_all(by=by, uploads=uploads, sample=sample)
    return sample
