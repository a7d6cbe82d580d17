"""Simulated accounts of a consultant's clients. Nobody tunes the method by them: they are what its confidence is checked on."""
