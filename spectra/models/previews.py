from django.db import models

from qdlab.access.visibility import ProjectQuerySet
from spectra.models.uploads import Upload


class Preview(models.Model):
    """What a file looks like: drawn from its bytes and made anew from them at any time (``manage.py make_previews``).

    The pictures stand in a folder of their own (``spectra.previews``), never among the raw files; this row says what was
    drawn, or in ``reason`` why nothing was.
    """

    project_path = "upload__project"

    upload = models.OneToOneField(Upload, models.CASCADE, related_name="preview")
    recipe = models.PositiveIntegerField()  # readers.preview.VERSION that drew it
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    source_width = models.PositiveBigIntegerField(null=True)
    source_height = models.PositiveBigIntegerField(null=True)
    facts = models.JSONField(default=dict, blank=True)  # low, high and percentiles of a stretched contrast
    reason = models.JSONField(null=True, blank=True)
    made_at = models.DateTimeField(auto_now=True)

    objects = ProjectQuerySet.as_manager()

    def __str__(self):
        return f"preview of {self.upload_id}"

    @property
    def is_drawn(self) -> bool:
        return self.width is not None
