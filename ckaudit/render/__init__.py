"""A result as text: one pure function per format."""
