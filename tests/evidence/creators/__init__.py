"""Simulated accounts of people who live from their list."""
