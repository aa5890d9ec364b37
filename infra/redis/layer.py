"""The channel layer, waiting for a message instead of looking for one ten times a second."""

from typing import Any

from channels_redis.pubsub import RedisPubSubChannelLayer, RedisPubSubLoopLayer, RedisSingleShardConnection
from redis.asyncio.client import PubSub

PATIENCE_SECS = 30.0


class _PatientPubSub(PubSub):
    async def get_message(self, ignore_subscribe_messages: bool = False, timeout: float | None = 0.0) -> Any:  # noqa: ASYNC109 - redis-py's
        """Returns with the first message, or None after PATIENCE_SECS, whatever `timeout` is."""
        return await super().get_message(ignore_subscribe_messages, PATIENCE_SECS)


class _PatientShard(RedisSingleShardConnection):  # type: ignore[misc]
    def _ensure_redis(self) -> None:
        known = self._redis
        super()._ensure_redis()
        if known is None:
            self._pubsub = _PatientPubSub(self._redis.connection_pool)


class PatientLayer(RedisPubSubChannelLayer):  # type: ignore[misc]
    """As its base in all else."""

    def _get_layer(self) -> RedisPubSubLoopLayer:
        layer = super()._get_layer()
        if not isinstance(layer._shards[0], _PatientShard):
            # New: none is connected yet.
            layer._shards = [_PatientShard(shard.host, layer) for shard in layer._shards]
        return layer
