#!/usr/bin/env python3
"""Installs, upgrades and rolls back from a signed bundle, without any network. Standard library only, Python 3.11 or newer.

    install.py install BUNDLE --root /opt/dangwu --public-key FILE --environment /etc/dangwu/environment …
    install.py rollback --root /opt/dangwu --environment /etc/dangwu/environment …

Below the root: `releases/NAME/{app,venv,static,wheels}`, `current` (a link to one of them), `backups/`, `history.json`.
The services are stopped and started by the operator around it (docs/operators.md). Exit 0: done; 1: refused, nothing switched.
"""

import argparse
import base64
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

sys.path.insert(0, str(Path(__file__).resolve().parent))
import ed25519  # type: ignore[import-not-found]

MANIFEST, SIGNATURE, APP, STATIC = "manifest.json", "manifest.sig", "app.tar", "static.tar"


class Refused(Exception):
    """Nothing was switched; the text is for the person at the terminal."""


def main() -> int:
    options = _options()
    try:
        {"install": install, "rollback": roll_back, "verify": verify_only}[options.act](options)
    except Refused as why:
        sys.stderr.write(f"{why}\n")
        return 1
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    acts = parser.add_subparsers(dest="act", required=True)
    for name in ("install", "rollback", "verify"):
        act = acts.add_parser(name)
        if name != "rollback":
            act.add_argument("bundle", type=Path)
            act.add_argument(
                "--public-key", type=Path, required=True, help="file with the operator's public key, from another way"
            )
        if name != "verify":
            act.add_argument("--root", type=Path, required=True)
            act.add_argument("--environment", type=Path, help="variables of the services, NAME=value in each line")
            act.add_argument("--passphrase-file", type=Path, help="of the backup that is made before anything changes")
            act.add_argument("--without-backup", action="store_true", help="there is another backup of this very moment")
    return parser.parse_args()


def verify_only(options: argparse.Namespace) -> None:
    manifest = verified(options.bundle, options.public_key)
    print(f"签名和内容都对：{manifest['release']}，{len(manifest['files'])} 个文件。")


def install(options: argparse.Namespace) -> None:
    """A first installation or an upgrade: verified, laid out, backed up, migrated, and only then switched."""
    manifest = verified(options.bundle, options.public_key)
    folder = options.root / "releases" / manifest["release"]
    before = current(options.root)
    if before == folder:
        raise Refused(f"{manifest['release']} 已经在用了。")
    if not folder.exists():
        _lay_out(options.bundle, manifest, folder)
    if before is not None:
        _back_up(options, before)
    if options.environment:
        _manage(folder, options, "migrate", "--no-input")
    _switch(options.root, folder)
    print(f"已切换到 {manifest['release']}。请重新启动各项服务。")


def roll_back(options: argparse.Namespace) -> None:
    """To the release before: its own migrations are known, those of the present one are taken back first or refuse."""
    now, before = current(options.root), previous(options.root)
    if now is None or before is None:
        raise Refused("没有可以退回的版本。")
    if options.environment:
        known = _manage(before, options, "known_migrations", "--json")
        file = options.root / "known-migrations.json"
        file.write_text(known, encoding="utf-8")
        _manage(now, options, "migrate_back", "--known", str(file), "--check")
        _back_up(options, now)
        _manage(now, options, "migrate_back", "--known", str(file))
    _switch(options.root, before, back=True)
    print(f"已退回到 {before.name}。请重新启动各项服务。")


def verified(bundle: Path, public_key: Path) -> dict[str, dict[str, str]]:
    """The manifest, once its signature is the operator's and every member is what it says, no more and no less."""
    try:
        public = base64.b64decode(public_key.read_text("ascii").split()[0], validate=True)
        with tarfile.open(bundle) as tar:
            text, signature = _member(tar, MANIFEST), _member(tar, SIGNATURE)
            if not ed25519.verify(public, text, signature):
                raise Refused("签名不对：这个安装包不是用给定的公钥对应的密钥签的，或者被改动过。没有安装。")
            manifest = json.loads(text)
            found = {m.name: _digest(tar, m) for m in tar.getmembers() if m.name not in (MANIFEST, SIGNATURE)}
    except (OSError, tarfile.TarError, KeyError, ValueError, IndexError) as fault:
        raise Refused(f"安装包或公钥读不了：{fault}") from None
    if found != manifest["files"]:
        odd = sorted(set(found.items()) ^ set(manifest["files"].items()))[0][0]
        raise Refused(f"安装包的内容与清单不符：{odd}。没有安装。")
    _require_plain(manifest["release"])
    return manifest


def _member(tar: tarfile.TarFile, name: str) -> bytes:
    taken = tar.extractfile(name)
    if taken is None:
        raise Refused(f"安装包里没有 {name}。")
    return taken.read()


def _digest(tar: tarfile.TarFile, member: tarfile.TarInfo) -> str:
    taken = tar.extractfile(member) if member.isreg() else None
    if taken is None:
        return "not a file"
    return hashlib.file_digest(taken, "sha256").hexdigest()  # type: ignore[arg-type]


def _require_plain(name: str) -> None:
    if not name or PurePosixPath(name).name != name or name.startswith("."):
        raise Refused("安装包的版本名不能用作文件夹名。")


def _lay_out(bundle: Path, manifest: dict[str, dict[str, str]], folder: Path) -> None:
    """Into a folder under another name first: what stands under the release's name is complete."""
    draft = folder.with_name(folder.name + ".part")
    shutil.rmtree(draft, ignore_errors=True)
    (draft / "wheels").mkdir(parents=True)
    with tarfile.open(bundle) as tar:
        for name in manifest["files"]:
            if name.startswith("wheels/"):
                (draft / "wheels" / PurePosixPath(name).name).write_bytes(_member(tar, name))
        for name, where in ((APP, "app"), (STATIC, "static")):
            with tar.extractfile(name) as inner, tarfile.open(fileobj=inner) as parts:  # type: ignore[union-attr]
                parts.extractall(draft / where, filter="data")
    (draft / "app" / "RELEASE").write_text(manifest["release"] + "\n", encoding="utf-8")  # type: ignore[operator]
    draft.rename(folder)
    try:
        _make_environment(folder)
    except Refused:
        shutil.rmtree(folder)
        raise


def _make_environment(folder: Path) -> None:
    """The packages of the bundle and nothing else: no index is asked, every digest is checked once more."""
    _run([sys.executable, "-m", "venv", str(folder / "venv")], "建虚拟环境失败（Debian 需要 python3-venv）")
    pip = [str(folder / "venv" / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    lock = str(folder / "app" / "requirements" / "production.txt")
    _run([*pip, "--no-index", "--find-links", str(folder / "wheels"), "--require-hashes", "-r", lock], "安装依赖失败")


def _back_up(options: argparse.Namespace, release: Path) -> None:
    """Before anything changes, by the release that is running now."""
    if options.without_backup or not options.environment:
        return
    if not options.passphrase_file:
        raise Refused("改动之前要先备份：请给 --passphrase-file，或者另有此刻的备份时给 --without-backup。")
    _manage(release, options, "backup", "--to", str(options.root / "backups"), "--passphrase-file", str(options.passphrase_file))


def _manage(release: Path, options: argparse.Namespace, *arguments: str) -> str:
    told = os.environ | _variables(options.environment) | {"DANGWU_STATIC": str(release / "static")}
    command = [str(release / "venv" / "bin" / "python"), "manage.py", *arguments]
    return _run(command, f"{arguments[0]} 没有完成", cwd=release / "app", env=told)


def _variables(file: Path) -> dict[str, str]:
    lines = [line.strip() for line in file.read_text("utf-8").splitlines()]
    pairs = [line.split("=", 1) for line in lines if "=" in line and not line.startswith("#")]
    return {name.strip(): value.strip().strip('"') for name, value in pairs}


def _run(command: list[str], what: str, *, cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    if done.returncode:
        raise Refused(f"{what}：{(done.stderr or done.stdout).strip()[-1500:]}\n没有切换，仍用原来的版本。")
    return done.stdout


def current(root: Path) -> Path | None:
    link = root / "current"
    return (root / os.readlink(link)) if link.is_symlink() else None


def previous(root: Path) -> Path | None:
    """The release that was in use before the present one, if it still stands."""
    told = _history(root)
    if not told or not told[-1]["before"]:
        return None
    folder = root / "releases" / told[-1]["before"]
    return folder if folder.exists() else None


def _history(root: Path) -> list[dict[str, str]]:
    file = root / "history.json"
    return json.loads(file.read_text("utf-8")) if file.exists() else []


def _switch(root: Path, folder: Path, *, back: bool = False) -> None:
    """One rename: whoever looks sees the release of before or the release of now. Going back forgets the step forward."""
    before, told = current(root), _history(root)
    link = root / "current.new"
    link.unlink(missing_ok=True)
    link.symlink_to(Path("releases") / folder.name)
    link.replace(root / "current")
    step = {
        "release": folder.name,
        "before": before.name if before else "",
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    told = told[:-1] if back else [*told, step]
    (root / "history.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
