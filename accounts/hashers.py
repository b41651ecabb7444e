"""The cost of a password hash: 64 MiB and one thread, so that a server's memory is its sign-ins at once times 64 MiB."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class PasswordHasher(Argon2PasswordHasher):
    """argon2id, about 0.15 s on a small machine. Raising the cost re-hashes each password at its next sign-in."""

    time_cost = 3
    memory_cost = 64 * 1024
    parallelism = 1
