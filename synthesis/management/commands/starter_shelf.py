"""Put the starter shelf's chemicals on the reference shelf, unless they are there already."""

from django.core.management.base import BaseCommand

from synthesis.services import starter_shelf


class Command(BaseCommand):
    help = "Add the starter shelf (reagents and solvents of the first recipes); what is there stays as it is."

    def handle(self, **options):
        chemicals = starter_shelf()
        if options["verbosity"]:
            self.stdout.write(f"{len(chemicals)} chemicals are on the shelf.")
