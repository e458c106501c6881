"""Images made in memory, of the kinds that microscopes and cameras write."""

import io

import numpy as np
import tifffile
from PIL import Image


def saved(image: Image.Image, kind: str, **options) -> bytes:
    made = io.BytesIO()
    image.save(made, kind, **options)
    return made.getvalue()


def tiff(plane: np.ndarray, **options) -> bytes:
    made = io.BytesIO()
    tifffile.imwrite(made, plane, **{"metadata": None} | options)
    return made.getvalue()


def ramp(width: int = 64, height: int = 32, dtype: str = "u2") -> np.ndarray:
    """Numbers that rise from left to right, 1000 to 3000."""
    return np.tile(np.linspace(1000, 3000, width).astype(dtype), (height, 1))


def fei(plane: np.ndarray) -> bytes:
    """A TIFF with the block of an FEI microscope: sections of name=value, in SI units."""
    text = "[Beam]\r\nHV=15000\r\n\r\n[Scan]\r\nPixelWidth=2e-09\r\nPixelHeight=2e-09\r\nFrameTime=1.5\r\n\r\n"
    text += "[System]\r\nSystemType=Quanta\r\n\r\n[Detectors]\r\nName=ETD\r\n\r\n"
    block = text.encode()
    return tiff(plane, extratags=[(34680, "s", len(block) + 1, text, True)])


def zeiss(plane: np.ndarray) -> bytes:
    """A TIFF with the block of a Zeiss microscope: after fixed numbers, pairs of a name and ``label = value unit``."""
    lines = ["AP_IMAGE_PIXEL_SIZE", "Image Pixel Size = 1.25 nm", "AP_ACTUALKV", "EHT = 5.00 kV"]
    lines += ["AP_MAG", "Mag = 50.00 K X", "DP_DETECTOR_CHANNEL", "Signal A = InLens"]
    text = "\r\n".join(["0"] * 70 + lines) + "\r\n"
    return tiff(plane, extratags=[(34118, "s", len(text) + 1, text, True)])


def photo(width: int = 40, height: int = 20, *, orientation: int = 1, gps: bool = False) -> bytes:
    """A JPEG of a camera: left half red, right half blue, with EXIF."""
    image = Image.new("RGB", (width, height), "red")
    image.paste("blue", (width // 2, 0, width, height))
    exif = Image.Exif()
    exif[272], exif[274] = "Camera 7", orientation
    exif.get_ifd(0x8769)[36867] = "2026:06:04 16:08:31"
    exif.get_ifd(0x8769)[33434] = 0.25
    if gps:
        exif.get_ifd(0x8825)[1], exif.get_ifd(0x8825)[2] = "N", (35.0, 39.0, 29.0)
    return saved(image, "JPEG", quality=95, exif=exif)
