from django.core.management.base import BaseCommand

from qdlab.demo import coverage


class Command(BaseCommand):
    help = "Simulates many labs without a database and tells how often value ± u holds the truth."
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("--seeds", type=int, default=50, help="how many labs (default 50)")
        parser.add_argument("--first", type=int, default=1, help="seed of the first one")

    def handle(self, *, seeds, first, **options):
        rows = coverage.deviations(range(first, first + seeds))
        low_1, high_1 = coverage.band(seeds, coverage.WITHIN_1)
        low_2, high_2 = coverage.band(seeds, coverage.WITHIN_2)
        self.stdout.write(
            f"{seeds} simulated labs. Of a normal distribution {100 * coverage.WITHIN_1:.0f} % lie within 1 u "
            f"(here {100 * low_1:.0f} to {100 * high_1:.0f} %) and {100 * coverage.WITHIN_2:.0f} % within 2 u "
            f"(here {100 * low_2:.0f} to {100 * high_2:.0f} %), with 99 % confidence per row; * marks a row outside. "
            "Rows share errors (one emission monochromator moves every peak and colour of a lab), so they leave the band together.\n"
        )
        self.stdout.write(coverage.table(rows))
