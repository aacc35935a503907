"""Sample pictures drawn by our own code, so that a new lobby has something worth looking at."""
