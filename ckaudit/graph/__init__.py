"""The account as a graph: what is in it, what sets off what, and what an email says."""
