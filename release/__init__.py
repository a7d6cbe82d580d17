"""What a release needs beside the package: its check, and the list of what is in it."""
