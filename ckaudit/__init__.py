"""ckaudit: an audit and linting tool for Kit (formerly ConvertKit) accounts."""

from ckaudit.version import __version__ as __version__
