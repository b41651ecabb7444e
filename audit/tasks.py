from audit.domain import anchoring, sealing
from core.tasks import task


@task(name="audit.seal")
def seal() -> int:
    """Every minute: seal what was committed."""
    return sealing.seal_all()


@task(name="audit.sweep")
def sweep() -> int:
    """Once a day: seal what appeared among older ids too, and anchor the head even when nothing was pending."""
    sealed = sealing.seal_all(everything=True)
    anchoring.anchor()
    return sealed
