"""Measured figures, each beside a limit measured in the same run; `make bench` prints them and writes bench.json."""
