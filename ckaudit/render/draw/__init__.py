"""Automations as pictures and as words: layout, SVG, Mermaid, text."""
