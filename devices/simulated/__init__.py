"""The lobby's hardware in software, for trying and testing: real sockets, ptys and MQTT, on loopback only.

Nothing here is imported by a driver and nothing of a driver is imported here: both sides are written from the
protocols' sources, so that a mistake on one side shows on the other.
"""
