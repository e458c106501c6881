from django.core.management.base import BaseCommand

from qdlab.demo import further, requests
from qdlab.records.audit import acting_through


class Command(BaseCommand):
    help = (
        "Adds the demo's second part (growth, sizes, compositions, ageing, devices, sphere, CD) once the first is read, and "
        "asks for the analyses that need a person. Needs a running worker; can be stopped and started again."
    )

    def add_arguments(self, parser):
        parser.add_argument("--seed", type=int, default=further.SEED, help="seed of the simulated instruments")

    def handle(self, *, seed, **options):
        lab = further.open_lab(seed)
        if lab is None or requests.are_made(lab.project):
            return
        with acting_through("command"):
            further.wait_until_settled()
            further.deliver(lab, say=lambda text: self.stdout.write(f"  {text}"))
            further.wait_until_settled()
            requests.request(lab, say=lambda text: self.stdout.write(f"  {text}"))
        self.stdout.write("The demo lab is complete.")
