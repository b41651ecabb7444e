"""What production refuses to start with: one sentence for each fault of the environment, all of them at once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, unquote, urlsplit

SECRET_KEY_LENGTH = 50
PASSWORD_LENGTH = 12
DIFFERENT_CHARACTERS = 8
# What examples, images and habits put where a secret belongs.
DEFAULTS = ("change", "replace", "example", "insecure", "secret", "password", "postgres", "dangwu", "123456", "请替换", "请修改")
HERE = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class Given:
    """The environment of a production start as it was given, before anything is made of it."""

    secret_key: str = ""
    database_url: str = ""
    redis_url: str = ""
    broker_url: str = ""
    zone: str = ""
    hosts: tuple[str, ...] = ()
    metrics_token: str = ""
    debug: bool = False


def faults(given: Given) -> list[str]:
    """Why this environment is not fit for real data; empty when it is."""
    return [
        *_of_secret_key(given.secret_key),
        *_of_database(given.database_url),
        *_of_redis({"REDIS_URL": given.redis_url, "CELERY_BROKER_URL": given.broker_url}),
        *_of_doors(given),
    ]


def is_weak(secret: str, length: int) -> bool:
    """Short, of few different characters, or built on a word that everybody tries first."""
    return len(secret) < length or len(set(secret)) < DIFFERENT_CHARACTERS or _is_default(secret)


def _is_default(secret: str) -> bool:
    """A known word that makes up a good part of it; a long random text may hold one by chance."""
    low = secret.lower()
    return any(word in low and len(low) < len(word) + 20 for word in DEFAULTS) or low.startswith(("django-insecure", "change-me"))


def _of_secret_key(key: str) -> Iterator[str]:
    if not key:
        yield "没有给出 DANGWU_SECRET_KEY（或 DANGWU_SECRET_KEY_FILE）：各进程要用同一个签名密钥。"
    elif is_weak(key, SECRET_KEY_LENGTH):
        yield f"DANGWU_SECRET_KEY 太短或是常见的默认值：请用随机生成的 {SECRET_KEY_LENGTH} 个字符以上。"


def _of_database(url: str) -> Iterator[str]:
    if not url:
        yield "没有给出 DATABASE_URL：内嵌数据库只供试用，正式环境请用自己的 PostgreSQL 15 以上。"
        return
    parts = urlsplit(url)
    if _over_network(parts) and is_weak(unquote(parts.password or ""), PASSWORD_LENGTH):
        yield f"DATABASE_URL 里的数据库口令没有、太短或是默认值：请用随机的 {PASSWORD_LENGTH} 个字符以上。"


def _of_redis(urls: Mapping[str, str]) -> Iterator[str]:
    if not urls["REDIS_URL"]:
        yield "没有给出 REDIS_URL：正式环境的缓存和任务队列要用 Redis。"
    for name, url in urls.items():
        parts = urlsplit(url)
        elsewhere = parts.hostname is not None and parts.hostname not in HERE
        if elsewhere and is_weak(unquote(parts.password or ""), PASSWORD_LENGTH):
            yield f"{name} 里的 Redis 口令没有、太短或是默认值：Redis 不在本机时必须有随机的 {PASSWORD_LENGTH} 个字符以上的口令。"


def _of_doors(given: Given) -> Iterator[str]:
    if given.zone not in ("inner", "outer"):
        yield "DANGWU_ZONE 要明确写 inner（内网）或 outer（外网）；both 只用于演示。"
    if not given.hosts or any(host.startswith(("*", ".")) for host in given.hosts):
        yield "DANGWU_HOSTS 要写明本站的主机名，不能为空，也不能用 * 代替。"
    if given.metrics_token and is_weak(given.metrics_token, PASSWORD_LENGTH):
        yield f"DANGWU_METRICS_TOKEN 太短或是默认值：请用随机的 {PASSWORD_LENGTH} 个字符以上。"
    if given.debug:
        yield "正式环境不能打开调试（DEBUG）：出错页会带出数据。"


def _over_network(parts: SplitResult) -> bool:
    """A socket in the file system asks the system who calls; everything else needs a password."""
    return bool(parts.hostname) or "host=/" not in parts.query
