"""Testing rules: case files, mini accounts, mini events, and the runner that compares what a rule found with what its cases expect."""
