"""How accurate the numbers are: certified data, simulated truths, other people's programs, published numbers."""
