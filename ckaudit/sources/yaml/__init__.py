"""YAML that people write, as a tree in which every value knows its place: manifests and case files."""
