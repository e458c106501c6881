"""Measurements of speed that anybody can repeat: ``make bench ARGS=uploads``. They never fail for being slow."""
