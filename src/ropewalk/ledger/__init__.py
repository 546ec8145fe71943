"""The sole writer of money: executes what was granted, posts it in double entry, and checks every posting."""
