"""Make the batch index anew from the records."""

from django.core.management.base import BaseCommand

from qdlab.dashboards import index


class Command(BaseCommand):
    help = "Make the batch index (ratios and agreed quantities, for filtering and sorting) anew from the records."

    def handle(self, *args, **options):
        self.stdout.write(f"{index.rebuild()} batches indexed")
