"""QDLab's engines and the libraries they are compared with, on the same simulated data. Not imported by QDLab."""
