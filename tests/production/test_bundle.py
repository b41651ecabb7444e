"""One signed archive: it installs without an index, upgrades, rolls back, and nothing of it can be exchanged on the way."""

import base64
import hashlib
import importlib.util
import io
import json
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.production.site import ROOT

# A small stand-in for the product: it says what it was asked, and refuses what its file says.
MANAGE = """import json, pathlib, sys
here = pathlib.Path(__file__).parent
asked = pathlib.Path(sys.argv[0]).resolve().parents[3] / "asked"
with asked.open("a") as out: out.write(here.parent.name.split("-")[0] + " " + " ".join(sys.argv[1:]) + chr(10))
import stand_in
if "known_migrations" in sys.argv: print(json.dumps({"migrations": []}))
if "--check" in sys.argv and (here / "fixed").exists(): sys.exit("不能退回：数据库改动 x 不能撤销。")
"""


def load(name: str) -> object:
    spec = importlib.util.spec_from_file_location(name, ROOT / "deploy" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


ed25519 = load("ed25519")


def run(*command: object, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = subprocess.run([sys.executable, *map(str, command)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done


class Yard:
    """A repository with tagged releases of the stand-in, a key, and a machine to install on."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.source, self.root = folder, folder / "source", folder / "opt"
        for part in ("source/requirements", "wheels", "static", "opt"):
            (folder / part).mkdir(parents=True)
        (folder / "static" / "page.css").write_text("x")
        digest = self._wheel()
        (self.source / "requirements" / "production.txt").write_text(f"stand-in==1.0 --hash=sha256:{digest}\n")
        (self.source / "manage.py").write_text(MANAGE)
        self.public = folder / "key.pub"
        self.public.write_text(run("tools/bundle.py", "--make-key", folder / "key").stdout)
        (folder / "environment").write_text("DANGWU_ZONE=inner\n")
        self._git("init", "--quiet")

    def _wheel(self) -> str:
        file = self.folder / "wheels" / "stand_in-1.0-py3-none-any.whl"
        with zipfile.ZipFile(file, "w") as wheel:
            wheel.writestr("stand_in.py", "")
            wheel.writestr("stand_in-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: stand-in\nVersion: 1.0\n")
            wheel.writestr("stand_in-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr("stand_in-1.0.dist-info/RECORD", "")
        return hashlib.sha256(file.read_bytes()).hexdigest()

    def _git(self, *arguments: str) -> None:
        who = ("-c", "user.name=x", "-c", "user.email=x@example.cn", "-c", "commit.gpgsign=false")
        subprocess.run(["git", *who, *arguments], cwd=self.source, check=True, capture_output=True)

    def release(self, name: str, **files: str) -> Path:
        for file, text in files.items():
            (self.source / file).write_text(text)
        (self.source / "number").write_text(name)
        self._git("add", "--all")
        self._git("commit", "--quiet", "--message", name)
        self._git("tag", name)
        made = run(
            "tools/bundle.py", "--key", self.folder / "key", "--source", self.source, "--wheels", self.folder / "wheels",
            "--static", self.folder / "static", "--out", self.folder / "dist",
        )  # fmt: skip
        return Path(made.stdout.strip())

    def install(self, bundle: Path, *more: object, code: int = 0) -> str:
        told = ("--environment", self.folder / "environment", *(more or ("--without-backup",)))
        done = run("deploy/install.py", "install", bundle, "--root", self.root, "--public-key", self.public, *told, code=code)
        return done.stderr

    def roll_back(self, *more: object, code: int = 0) -> str:
        return run(
            "deploy/install.py", "rollback", "--root", self.root, "--environment", self.folder / "environment", *more, code=code
        ).stderr

    @property
    def current(self) -> str:
        return (self.root / "current" / "app" / "number").read_text()

    @property
    def asked(self) -> list[str]:
        return (self.root / "asked").read_text().splitlines()


@pytest.fixture(scope="module")
def yard(tmp_path_factory: pytest.TempPathFactory) -> Yard:
    return Yard(tmp_path_factory.mktemp("yard"))


def test_install_upgrade_and_roll_back_without_an_index(yard: Yard) -> None:
    yard.install(yard.release("v1"))
    assert (yard.current, (yard.root / "current" / "static" / "page.css").exists()) == ("v1", True)
    second = yard.release("v2")
    assert "先要备份" in yard.install(second, "--root", yard.root, code=1) or yard.current == "v1"
    secret = yard.folder / "passphrase"
    yard.install(second, "--passphrase-file", secret)
    assert yard.current == "v2"
    assert yard.asked == [
        "v1 migrate --no-input",
        f"v1 backup --to {yard.root}/backups --passphrase-file {secret}",
        "v2 migrate --no-input",
    ]
    assert "已经在用了" in yard.install(second, code=1)
    yard.roll_back("--passphrase-file", secret)
    assert yard.current == "v1"
    steps = [line.split()[:2] for line in yard.asked[3:]]
    assert steps == [["v1", "known_migrations"], ["v2", "migrate_back"], ["v2", "backup"], ["v2", "migrate_back"]]
    assert "没有可以退回的版本" in yard.roll_back("--without-backup", code=1)
    yard.install(yard.release("v3", fixed="x"))
    assert yard.current == "v3"
    before = len(yard.asked)
    assert "不能退回" in yard.roll_back("--without-backup", code=1)
    assert yard.current == "v3"
    assert [line.split()[1] for line in yard.asked[before:]] == ["known_migrations", "migrate_back"], (
        "looked, and changed nothing"
    )


def changed(bundle: Path, to: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    with tarfile.open(bundle) as tar:
        members = {member.name: tar.extractfile(member).read() for member in tar.getmembers()}
    change(members)
    with tarfile.open(to, "w") as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return to


def other_code(members: dict[str, bytes]) -> None:
    members["app.tar"] += b"x"


def other_manifest(members: dict[str, bytes]) -> None:
    other_code(members)
    manifest = json.loads(members["manifest.json"])
    manifest["files"]["app.tar"] = hashlib.sha256(members["app.tar"]).hexdigest()
    members["manifest.json"] = json.dumps(manifest, indent=1, sort_keys=True).encode()


def other_key(members: dict[str, bytes]) -> None:
    members["manifest.sig"] = Ed25519PrivateKey.generate().sign(members["manifest.json"])


def one_more(members: dict[str, bytes]) -> None:
    members["wheels/evil-1.0-py3-none-any.whl"] = b"x"


def one_less(members: dict[str, bytes]) -> None:
    del members["static.tar"]


def no_signature(members: dict[str, bytes]) -> None:
    del members["manifest.sig"]


@pytest.mark.parametrize(
    "change", [other_code, other_manifest, other_key, one_more, one_less, no_signature], ids=lambda f: f.__name__
)
def test_a_bundle_changed_on_the_way_is_refused(yard: Yard, tmp_path: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    made = next(iter(sorted((yard.folder / "dist").glob("*.bundle"))), None) or yard.release("v0")
    told = run("deploy/install.py", "verify", changed(made, tmp_path / "x", change), "--public-key", yard.public, code=1)
    assert told.stderr.strip()
    assert "Traceback" not in told.stderr
    run("deploy/install.py", "verify", made, "--public-key", yard.public)


def test_the_key_is_its_owners_and_never_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "key"
    public = run("tools/bundle.py", "--make-key", file).stdout
    assert len(base64.b64decode(public)) == 32
    assert file.stat().st_mode & 0o077 == 0
    run("tools/bundle.py", "--make-key", file, code=1)


@settings(max_examples=20, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 63), st.integers(1, 255))
def test_signatures_agree_with_the_library(message: bytes, place: int, flip: int) -> None:
    key = Ed25519PrivateKey.generate()
    public, signature = key.public_key().public_bytes_raw(), bytearray(key.sign(message))
    assert ed25519.verify(public, message, bytes(signature))
    assert not ed25519.verify(public, message + b"x", bytes(signature))
    signature[place] ^= flip
    assert not ed25519.verify(public, message, bytes(signature))


def test_a_signature_is_not_made_another_by_adding_the_order() -> None:
    key = Ed25519PrivateKey.generate()
    signature = key.sign(b"x")
    scalar = int.from_bytes(signature[32:], "little") + ed25519.ORDER
    assert not ed25519.verify(key.public_key().public_bytes_raw(), b"x", signature[:32] + scalar.to_bytes(32, "little"))
