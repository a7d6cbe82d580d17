"""Simulated accounts of membership sites and shops."""
