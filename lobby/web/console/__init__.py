"""The console beyond Today: walls, timetable, devices, journal; each page from one reading of the house."""
