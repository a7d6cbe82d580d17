"""A Kit of our own: real HTTP, the API's read operations, its limits and its faults, on an account given as data."""
