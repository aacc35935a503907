"""Notices on the console: pick a phrase, fill its gaps, see it as it will hang, put it on air, take it off."""
