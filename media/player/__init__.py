"""The player: one process, one window over all panels of a machine; only its process imports pygame."""

import os

os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
