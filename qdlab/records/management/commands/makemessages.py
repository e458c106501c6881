"""``manage.py makemessages``: Django's own, set up for this project."""

from django.core.management.commands import makemessages

MARKS = ("_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy")
OUTSIDE = (".venv", "var", "tests", "docs", "docker", "staticfiles")


class Command(makemessages.Command):
    """Collects the texts of the program for its catalogues, in an order and form that change little from one time to the next."""

    # xgettext takes the “% o” of “5 % of the band” for a number in octal and would ask for it in every translation.
    # ``tests/test_translation.py`` compares the named places instead.
    xgettext_options = [
        *makemessages.Command.xgettext_options,
        *(f"--flag={mark}:{place}:no-python-format" for mark in MARKS for place in (1, 2)),
    ]
    # What msgmerge guesses from similar texts would be shown to people without anybody having read it.
    msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-fuzzy-matching"]

    def handle(self, *args, **options):
        options["ignore_patterns"] = [*options["ignore_patterns"], *OUTSIDE]
        super().handle(*args, **options | {"no_wrap": True, "no_obsolete": True, "add_location": "file"})
