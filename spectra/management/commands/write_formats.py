"""``manage.py write_formats``: renew ``docs/formats.md`` from the readers."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import translation

from spectra.formats import as_markdown

PAGE = Path(settings.BASE_DIR) / "docs" / "formats.md"


class Command(BaseCommand):
    help = "Renew docs/formats.md from the readers."

    def handle(self, **options):
        with translation.override("en"):
            PAGE.write_text(as_markdown(), encoding="utf-8")
        self.stdout.write(f"{PAGE} is up to date.")
