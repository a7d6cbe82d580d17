"""Loads rules, runs them, sorts what they found and decides the exit status."""
