"""Recording: how a run becomes a file while it goes on. What can be done with the file is the room `journal`."""
