"""Long runs beside the suite: hundreds of kills, many seeds, hours of soaking."""
