"""Playlists and airings over the wire and on their pages."""
