"""Notices as pictures: text in five scripts, broken, sized from millimetres and distance, set inside panels."""
