"""Whole days on real parts: processes, brokers, wires and browsers as a site has them."""
