"""A person before the pages: no browser, but forms are filled in as they were shown."""

from datetime import date

from django.http import HttpResponse
from django.test import Client

PASSWORD = "故事-口令-2026-Ab"


class Visitor:
    """Someone with a login; the password is set with an activation code first, and codes are printed where they are required."""

    def __init__(self, username: str, code: str = "") -> None:
        self.username, self.client = username, Client()
        self.codes: list[str] = []
        if code:
            done = self.client.post("/activate/", {"code": code, "new_password": PASSWORD, "again": PASSWORD})
            assert done.status_code == 302, errors_of(done)
        self.sign_in()

    def sign_in(self) -> None:
        done = self.client.post("/login/", {"username": self.username, "password": PASSWORD})
        assert done.status_code == 302, f"{self.username} cannot sign in"
        if done["Location"] == "/login/code/":
            assert self.client.post("/login/code/", {"code": self.codes.pop()}).status_code == 302
        if self.client.get("/account/factor/").context["must_bind"]:
            self.bind()

    def bind(self) -> None:
        """The second factor that every officer of a real installation has: here a printed sheet."""
        self.codes = list(self.client.post("/account/factor/sheet/").context["sheet"].codes)
        assert self.client.post("/account/factor/sheet/", {"code": self.codes.pop()}).status_code == 302

    def see(self, address: str) -> HttpResponse:
        page = self.client.get(address, follow=True)
        assert page.status_code == 200, f"{self.username} {address}: {page.status_code}"
        return page

    def submit(self, address: str, **typed: object) -> HttpResponse:
        """Open a form, change some of its boxes, send it."""
        shown = self.see(address).context["form"]
        boxes = {field.html_name: written(field.value()) for field in shown if field.value() not in (None, "", False)}
        done = self.client.post(address, boxes | typed)
        assert done.status_code == 302, f"{address}: {errors_of(done)}"
        return done


def written(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def errors_of(page: HttpResponse) -> str:
    form = page.context["form"] if page.context and "form" in page.context else None
    return f"{page.status_code} {form.errors.as_text() if form is not None else ''}"
