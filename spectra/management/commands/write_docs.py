"""``manage.py write_docs``: renew the pages of ``docs/`` that are made from the readers and the methods."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import translation

from spectra import explained, formats

DOCS = Path(settings.BASE_DIR) / "docs"
PAGES = {DOCS / "formats.md": formats.as_markdown, DOCS / "methods.md": explained.as_markdown}


class Command(BaseCommand):
    help = "Renew docs/formats.md and docs/methods.md."

    def handle(self, **options):
        with translation.override("en"):
            for page, content in PAGES.items():
                page.write_text(content(), encoding="utf-8")
                self.stdout.write(f"{page} is up to date.")
