"""A lobby in time that jumps: the same parts on other ports. `lobby rehearse` is its command."""
