"""Pixel size and imaging conditions come from what the microscope wrote, never from the resolution of a screen."""

from datetime import datetime

import pytest

from spectra.readers import read
from tests.spectra.readers.image_maker import fei, photo, ramp, tiff, zeiss


def conditions(data: bytes) -> dict:
    return read(data, "dots.tif").items[0].conditions.known()


def test_an_fei_microscope_tells_pixel_size_voltage_detector_and_exposure():
    said = {"pixel_size_nm": 2.0, "acceleration_kv": 15.0, "detector": "ETD", "exposure_s": 1.5}
    assert conditions(fei(ramp())) == pytest.approx(said | {"microscope": "Quanta", "imaging_mode": "SEM"})


def test_a_zeiss_microscope_tells_pixel_size_voltage_magnification_and_detector():
    said = {"pixel_size_nm": 1.25, "acceleration_kv": 5.0, "magnification": 50_000.0, "detector": "InLens"}
    assert conditions(zeiss(ramp())) == pytest.approx(said | {"imaging_mode": "SEM"})


@pytest.mark.parametrize(("unit", "size_nm"), [("nm", 0.5), ("micron", 500.0), ("\\u00B5m", 500.0), ("inch", None)])
def test_the_unit_of_imagej_counts_where_it_is_a_length_of_the_object(unit, size_nm):
    data = tiff(ramp(), imagej=True, resolution=(2, 2), metadata={"unit": unit})
    assert conditions(data).get("pixel_size_nm") == (pytest.approx(size_nm) if size_nm else None)


def test_an_ome_image_tells_its_pixel_size():
    sizes = {"PhysicalSizeX": 0.12, "PhysicalSizeXUnit": "µm", "PhysicalSizeY": 0.12, "PhysicalSizeYUnit": "µm"}
    data = tiff(ramp(), ome=True, metadata={"axes": "YX", **sizes})
    reading = read(data, "a.tif")
    assert reading.items[0].conditions.pixel_size_nm == pytest.approx(120)
    assert (reading.decided["pixel_size_nm"], reading.decided["pixel_size_from"]) == ("120", "OME")


@pytest.mark.parametrize("dots_per_inch", [72, 96, 300, 600, 1200, 4800])
def test_dots_per_inch_of_a_screen_printer_or_scanner_are_no_pixel_size(dots_per_inch):
    data = tiff(ramp(), resolution=(dots_per_inch, dots_per_inch), resolutionunit=2)
    assert "pixel_size_nm" not in conditions(data)


def test_a_resolution_that_only_a_microscope_has_is_a_pixel_size():
    assert conditions(tiff(ramp(), resolution=(2e6, 2e6), resolutionunit=3))["pixel_size_nm"] == pytest.approx(5)


def test_pixels_that_are_not_square_have_no_single_size():
    data = tiff(ramp(), imagej=True, resolution=(2, 3), metadata={"unit": "nm"})
    assert "pixel_size_nm" not in conditions(data)


def test_a_damaged_block_of_the_maker_takes_nothing_from_the_image():
    data = fei(ramp()).replace(b"PixelWidth=2e-09", b"PixelWidth=2..-x9")
    reading = read(data, "a.tif")
    assert reading.items[0].value.width == 64 and "pixel_size_nm" not in reading.items[0].conditions.known()


def test_pages_of_a_stack_are_counted():
    import numpy as np

    assert read(tiff(np.stack([ramp()] * 3), photometric="minisblack"), "a.tif").items[0].value.n_frames == 3


def test_a_camera_tells_date_and_exposure_and_a_turned_photo_has_its_sides_as_seen():
    reading = read(photo(40, 20, orientation=6), "vial.jpg")
    (item,) = reading.items
    assert (item.value.width, item.value.height) == (20, 40)
    assert reading.measured_at == datetime(2026, 6, 4, 16, 8, 31)
    assert item.conditions.exposure_s == 0.25 and item.metadata["Camera"] == "Camera 7"


def test_the_place_of_a_photo_is_told_to_be_there_and_is_never_read_out():
    reading = read(photo(gps=True), "vial.jpg")
    assert [note.code for note in reading.warnings] == ["photo_tells_place"]
    assert "35" not in repr(reading.items[0].metadata) and not read(photo(), "vial.jpg").warnings
