from django.core.management.base import BaseCommand

from spectra import previews
from spectra.models import Measurement, Preview, Upload
from spectra.readers import preview as recipe
from spectra.readers.host import ReaderHost


class Command(BaseCommand):
    help = "Draws the previews of images that have none, an older one, or whose file is gone. Raw files are only read."

    def add_arguments(self, parser):
        parser.add_argument("--all", action="store_true", help="draw every preview anew")

    def handle(self, **options):
        images = Measurement.objects.filter(technique="image").values("reading__upload")
        drawn = failed = 0
        with ReaderHost() as host:
            for upload in Upload.objects.filter(pk__in=images).order_by("pk"):
                if not options["all"] and _is_there(upload):
                    continue
                preview = previews.keep(upload, previews.drawn(host, upload))
                drawn, failed = drawn + preview.is_drawn, failed + (not preview.is_drawn)
        self.stdout.write(f"{drawn} previews drawn; {failed} images have none, and say why on their pages.")


def _is_there(upload: Upload) -> bool:
    found = Preview.objects.filter(upload=upload, recipe=recipe.VERSION).first()
    if found is None or not found.is_drawn:
        return found is not None
    return all(previews.path_of(upload.blob_id, size).exists() for size in previews.SIZES)
