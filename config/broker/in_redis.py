"""The queue in Redis, which may go away and come back empty at any time."""

import redis
from django.conf import settings
from django_q.brokers.redis_broker import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.broker import Beating, Tasks


class InRedis(Beating, Redis):
    """django-q2's list, with connections that give up soon."""

    down = (redis.RedisError, OSError)

    def fetch(self) -> Tasks:
        return Redis.dequeue(self)

    @staticmethod
    def get_connection(list_key: str | None = None) -> redis.Redis:
        # One more try, for a connection that a restart of the server has cut; no request waits for longer than this.
        once = Retry(NoBackoff(), 1)
        return redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1, socket_timeout=5, retry=once)
