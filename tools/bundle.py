"""Writes one signed archive that installs without a network: code, wheels, page files, units, rule packs and calendars.

python tools/bundle.py --make-key FILE            a new signing key (0600); prints the public half
python tools/bundle.py --key FILE [--out dist]    the bundle of the committed code
"""

import argparse
import base64
import hashlib
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

ROOT = Path(__file__).resolve().parent.parent
MANIFEST, SIGNATURE, APP, STATIC = "manifest.json", "manifest.sig", "app.tar", "static.tar"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--make-key", type=Path)
    parser.add_argument("--key", type=Path, help="file of the signing key")
    parser.add_argument("--out", type=Path, default=ROOT / "dist")
    parser.add_argument("--source", type=Path, default=ROOT, help="the repository (default: this one)")
    parser.add_argument("--wheels", type=Path, help="folder with the wheels (default: downloaded by the lock)")
    parser.add_argument("--static", type=Path, help="folder of the collected page files (default: collected now)")
    options = parser.parse_args()
    if options.make_key:
        print(make_key(options.make_key))
    elif options.key:
        print(bundle(options))
    else:
        parser.error("--key 或 --make-key")


def make_key(file: Path) -> str:
    """The private half into `file`, which must not exist; answers the public half, for `--public-key` of the installer."""
    key = Ed25519PrivateKey.generate()
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as out:
        out.write(base64.b64encode(key.private_bytes_raw()).decode() + "\n")
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def bundle(options: argparse.Namespace) -> Path:
    if git(options.source, "status", "--porcelain", "--untracked-files=no"):
        raise SystemExit("有改动还没有提交：安装包只装已提交的代码，请先提交。")
    release = git(options.source, "describe", "--tags", "--always").replace("/", "-")
    with tempfile.TemporaryDirectory() as scratch:
        parts = {APP: subprocess.run(["git", "archive", "HEAD"], cwd=options.source, check=True, capture_output=True).stdout}
        parts[STATIC] = folder_as_tar(options.static or collected(options.source, Path(scratch)))
        for wheel in sorted((options.wheels or downloaded(options.source, Path(scratch) / "wheels")).glob("*.whl")):
            parts[f"wheels/{wheel.name}"] = wheel.read_bytes()
        options.out.mkdir(parents=True, exist_ok=True)
        return write(options.out / f"dangwu-{release}.bundle", release, parts, options.key)


def write(file: Path, release: str, parts: dict[str, bytes], key_file: Path) -> Path:
    manifest = {
        "format": 1,
        "release": release,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in parts.items()},
    }
    text = json.dumps(manifest, indent=1, sort_keys=True).encode()
    key = Ed25519PrivateKey.from_private_bytes(base64.b64decode(key_file.read_text("ascii")))
    draft = file.with_suffix(".part")
    with tarfile.open(draft, "w") as tar:
        for name, data in {MANIFEST: text, SIGNATURE: key.sign(text), **parts}.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(data), 0o644
            tar.addfile(info, io.BytesIO(data))
    draft.replace(file)
    return file


def downloaded(source: Path, folder: Path) -> Path:
    """Every wheel of the lock for this kind of machine and this Python, each checked against its digest."""
    lock = source / "requirements" / "production.txt"
    command = [
        "pip",
        "download",
        "--quiet",
        "--disable-pip-version-check",
        "--require-hashes",
        "--only-binary",
        ":all:",
        "--no-deps",
    ]
    subprocess.run([sys.executable, "-m", *command, "-r", lock, "--dest", folder], check=True)
    return folder


def collected(source: Path, scratch: Path) -> Path:
    told = os.environ | {"DANGWU_DATA": str(scratch / "data"), "DANGWU_STATIC": str(scratch / "static")}
    subprocess.run([sys.executable, "tools/vendor.py"], cwd=source, check=True)
    subprocess.run(
        [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"], cwd=source, env=told, check=True
    )
    return scratch / "static"


def folder_as_tar(folder: Path) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                tar.add(path, path.relative_to(folder).as_posix())
    return out.getvalue()


def git(source: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=source, check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    main()
