from django.core.management.base import BaseCommand

from qdlab.access import services


class Command(BaseCommand):
    help = "Prints a one-time link that makes the lab's owner; says so when there is one already."

    def add_arguments(self, parser):
        parser.add_argument("--address", default="http://127.0.0.1:8000", help="where the lab is reached")

    def handle(self, *, address, **options):
        secret = services.make_owner_link()
        if secret is None:
            self.stdout.write("This lab has an owner already.")
        else:
            self.stdout.write(f"{address.rstrip('/')}/account/owner/{secret}/")
