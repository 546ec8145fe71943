"""The command line: one module a command, and nothing that could not be done from Python."""
