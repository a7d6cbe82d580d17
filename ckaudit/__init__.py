"""ckaudit: an audit and linting tool for Kit (formerly ConvertKit) accounts."""

__version__ = "0.1.0"
