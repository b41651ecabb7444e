"""One family of refusals. Each says what is wrong in plain Chinese and the clause it rests on."""


class DomainError(Exception):
    """A verb was refused. `code` is stable for machines, `message` is Chinese for people."""

    status = 422

    def __init__(self, code: str, message: str, *, clause: str = "", field: str = "") -> None:
        super().__init__(message)
        self.code, self.message, self.clause, self.field = code, message, clause, field


class NotAllowed(DomainError):
    """The person stands inside the scope but does not hold the capability."""

    status = 403


class Missing(DomainError):
    """Not there, or outside the person's scope: the same answer for both."""

    status = 404

    def __init__(self, code: str = "not_found", message: str = "没有找到，或不在您的管理范围内。") -> None:
        super().__init__(code, message)


class Conflict(DomainError):
    """The moment does not allow it: the state has moved on."""

    status = 409
