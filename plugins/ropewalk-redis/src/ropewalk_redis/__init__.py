"""
A run on a Redis Stream: an observer that publishes every event, and a feed that replays the run from there.

`server.py` is the connection that both have, `published.py` the observer, `replayed.py` the feed.
"""

from __future__ import annotations

from ropewalk_redis.published import PublishingSettings, RedisStream
from ropewalk_redis.replayed import RedisFeed, ReplaySettings

__all__ = ["PublishingSettings", "RedisFeed", "RedisStream", "ReplaySettings"]

ropewalk_api = 1
"""The version of ropewalk's plug-in API that this is written for."""
