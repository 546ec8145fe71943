"""Strategies: what people write, what it may see, and the adapters that let it speak on the bus."""
