"""Settles what strategies want: one batch an instant, conflicts by policy, capital by limits, an answer for each."""
