"""The command line: one module per command. A command returns what it has to say; ``ckaudit.cli.main`` prints it."""
