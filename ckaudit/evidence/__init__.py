"""Timestamps as evidence: which links they show, and how sure."""
