"""Where an account comes from: live, snapshot, manifest, demo. The only code that reads files."""
