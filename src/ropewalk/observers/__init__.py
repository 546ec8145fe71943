"""Observers: hear what happens without touching it."""
