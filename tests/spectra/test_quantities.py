"""What the quantities along an axis are called."""

from django.utils import translation

from spectra.quantities import term


def test_a_quantity_is_called_in_the_language_of_the_page():
    with translation.override("ja"):
        assert (term("wavelength"), term("raman shift"), term("unknown")) == ("波長", "ラマンシフト", "不明")
    with translation.override("en"):
        assert term("raman shift") == "Raman shift"


def test_a_name_that_only_the_file_gives_stays_as_it_is():
    with translation.override("ja"):
        assert term("log(1/R)") == "log(1/R)"
