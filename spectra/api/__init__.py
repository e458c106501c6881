"""From a file to a number over the API: uploads, measurements, analyses, quantities, methods, standards, curves."""
