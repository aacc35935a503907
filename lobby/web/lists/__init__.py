"""Playlists as staff see and change them, and what lies above the programme for a while."""
