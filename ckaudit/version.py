"""The version of ckaudit, where every part of it can read it without loading another."""

__version__ = "0.1.0"
