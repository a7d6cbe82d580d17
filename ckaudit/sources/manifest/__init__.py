"""The manifest: automations as a file.

``read_manifests`` reads files, ``parse_manifest`` a text, ``check_manifest`` lists what is wrong, ``manifest_schema`` is for editors.
"""

from __future__ import annotations

from ckaudit.sources.manifest.parse import check_manifest, parse_manifest, read_manifests
from ckaudit.sources.manifest.schema import manifest_schema

__all__ = ["check_manifest", "manifest_schema", "parse_manifest", "read_manifests"]
