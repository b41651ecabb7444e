"""The permission matrix: what each URL asks for, and an own account of who holds what in the cast.

Nothing here is taken from the code under test: capabilities by role and places by person are stated a second time.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from tests.people import Cast

PLACES = {
    "city": (),
    "county": ("city",),
    "committee": ("city", "county"),
    "branch": ("city", "county", "committee"),
    "sibling": ("city", "county", "committee"),
    "other_branch": ("city", "county"),
    "both": ("city", "county"),  # what stands in both committees at once
}
ALL = frozenset(
    [
        "view_organizations",
        "establish_organizations",
        "set_parameters",
        "view_access",
        "view_members",
        "edit_members",
        "reveal_identity",
        "issue_activation",
        "check_identities",
        "import_members",
        "export_members",
        "view_figures",
        "view_sensitive_records",
        "approve_matters",
        "view_cadres",
        "appoint_cadres",
        "approve_exports",
        "file_changes",
        "take_out",
        "view_dues",
        "run_ballots",
    ]
)
SECRETARY = frozenset(
    [
        "view_organizations",
        "view_access",
        "view_members",
        "edit_members",
        "reveal_identity",
        "issue_activation",
        "export_members",
        "view_figures",
        "view_sensitive_records",
        "view_cadres",
        "view_dues",
        "collect_dues",
        "run_ballots",
    ]
)
POSTS: dict[str, tuple[str, frozenset[str]]] = {
    "department": ("city", ALL),
    "county": ("county", ALL),
    "committee": ("committee", ALL - {"set_parameters", "take_out"}),
    "secretary": ("branch", SECRETARY),
    "neighbour": ("sibling", SECRETARY),
    "stranger": ("other_branch", SECRETARY),
    "organizer": ("branch", frozenset({"view_organizations", "view_members", "edit_members", "view_figures"})),
    "reader": ("county", frozenset({"view_organizations", "view_figures"})),
}
WITHOUT_POST = ("expired", "future", "nobody")
ADMINISTRATORS = ("system", "security", "audit")
MEMBERS = ("chen", "zhao")
PEOPLE = ("anonymous", *POSTS, *WITHOUT_POST, *ADMINISTRATORS, *MEMBERS)

PASS, SIGN_IN, FORBIDDEN, HIDDEN = "pass", "sign-in", "403", "404"
Arguments = Callable[[Cast], dict[str, object]]


def nothing(cast: Cast) -> dict[str, object]:
    return {}


@dataclass(frozen=True)
class Row:
    """What a URL asks for. `kind`: public, shut (for people; a machine has the token), signed_in, leaves, own, owner, own_object
    (its owner's, shut to administrators), administrator, anywhere (a list), or at (an object at `place`)."""

    kind: str
    needs: tuple[str, ...] = ()
    place: str = ""
    seen_with: str = ""
    arguments: Arguments = nothing
    methods: tuple[str, ...] = ("get",)
    data: dict[str, object] = field(default_factory=dict)
    json: bool = False  # what is sent is JSON
    door: tuple[str, ...] = ()  # what opens the page at all, where that is more than what it `needs` for this object
    lent: tuple[str, ...] = ()  # to whom a running case lends the object
    only: str = ""  # of those who pass, the one person whose own work it is; the others are told so


def holds(person: str, capability: str, place: str) -> bool:
    post = POSTS.get(person)
    return post is not None and capability in post[1] and post[0] in (place, *PLACES[place])


def holds_anywhere(person: str, capabilities: tuple[str, ...]) -> bool:
    return person in POSTS and any(c in POSTS[person][1] for c in capabilities)


def own(row: Row, person: str) -> str:
    if person in ADMINISTRATORS:
        return FORBIDDEN
    return PASS if row.kind == "own" or person in row.needs else HIDDEN


def expected(row: Row, person: str) -> str:
    """What must come of it when `person` asks."""
    if row.kind in ("public", "shut"):
        return PASS if row.kind == "public" else HIDDEN
    if person == "anonymous" or row.kind == "leaves":
        return SIGN_IN
    if row.kind == "signed_in":
        return PASS
    if row.kind == "owner":
        return PASS if person in row.needs else HIDDEN
    if row.kind in ("own", "own_object"):
        return own(row, person)
    if row.kind == "administrator":
        return PASS if person in row.needs else FORBIDDEN
    if not holds_anywhere(person, row.door or row.needs):
        return FORBIDDEN
    if row.kind == "anywhere" or person in row.lent:
        return PASS
    if any(holds(person, need, row.place) for need in row.needs):
        return PASS if row.only in ("", person) else FORBIDDEN
    return FORBIDDEN if holds(person, row.seen_with, row.place) else HIDDEN
