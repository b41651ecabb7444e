"""The assets script: checks before it writes, fetches once, names no registry."""

import base64
import hashlib
import importlib.util
import io
import json
import sys
import tarfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def vendor():
    spec = importlib.util.spec_from_file_location("vendor_script", ROOT / "tools" / "vendor.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="16" viewBox="0 0 16 16">\n  <path d="M0 0"/>\n</svg>'
FILES = {
    "dist/a.css": b'@font-face{src:url("f.woff2")}p{background:url("data:image/png,x")}\n/*# sourceMappingURL=a.css.map */',
    "dist/a.js": b"run()\n//# sourceMappingURL=a.js.map",
    "icons/eye.svg": SVG,
    "LICENSE": b"Do as you like.",
}


def tarball(files):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(f"package/{name}")
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


BLOB = tarball(FILES)
INTEGRITY = "sha512-" + base64.b64encode(hashlib.sha512(BLOB).digest()).decode()
SPEC = """
["@scope/thing"]
sprite = "static/vendor/icons.svg"
icons = ["eye"]
["@scope/thing".files]
"dist/a.css" = "static/vendor/a.css"
"dist/a.js" = "static/vendor/a.js"
"LICENSE" = "static/vendor/licenses/thing.txt"
"""


@pytest.fixture
def root(tmp_path):
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "vendor.toml").write_text(SPEC, "utf-8")
    lock = {"packages": {"node_modules/@scope/thing": {"version": "1.2.3", "integrity": INTEGRITY}}}
    (tmp_path / "package-lock.json").write_text(json.dumps(lock), "utf-8")
    (tmp_path / "tarballs").mkdir()
    (tmp_path / "tarballs" / "scope-thing-1.2.3.tgz").write_bytes(BLOB)
    return tmp_path


def run(vendor, root):
    return vendor.run(root, vendor.packages(root), lambda: vendor.from_folder(root / "tarballs"))


def test_files_are_laid_out_clean_and_with_their_licence(vendor, root):
    assert run(vendor, root) == ["@scope/thing"]
    laid = root / "static" / "vendor"
    assert (laid / "a.css").read_text() == "p{background:none}\n"
    assert (laid / "a.js").read_text() == "run()\n"
    assert (laid / "licenses" / "thing.txt").read_text() == "Do as you like."
    assert '<symbol id="eye" viewBox="0 0 16 16"><path d="M0 0"/></symbol>' in (laid / "icons.svg").read_text()


def test_a_second_run_fetches_nothing_and_a_lost_file_is_fetched_again(vendor, root):
    run(vendor, root)
    assert run(vendor, root) == []
    (root / "static" / "vendor" / "a.js").unlink()
    assert run(vendor, root) == ["@scope/thing"]
    assert (root / "static" / "vendor" / "a.js").is_file()


def test_a_changed_list_is_laid_out_again(vendor, root):
    run(vendor, root)
    spec = root / "tools" / "vendor.toml"
    spec.write_text(spec.read_text("utf-8").replace("vendor/a.js", "vendor/b.js"), "utf-8")
    assert run(vendor, root) == ["@scope/thing"]


def test_a_package_that_differs_from_the_lock_leaves_no_file(vendor, root):
    (root / "tarballs" / "scope-thing-1.2.3.tgz").write_bytes(tarball(FILES | {"dist/a.js": b"steal()"}))
    with pytest.raises(vendor.VendorError, match="校验值不符"):
        run(vendor, root)
    assert not (root / "static").exists()


def test_a_weaker_checksum_is_refused(vendor, root):
    package = vendor.packages(root)[0]
    weak = "sha1-" + base64.b64encode(hashlib.sha1(BLOB).digest()).decode()
    with pytest.raises(vendor.VendorError, match="校验值不符"):
        vendor.verify(BLOB, vendor.Package(**{**vars(package), "integrity": weak}))


def test_a_missing_file_or_icon_is_named(vendor, root):
    spec = root / "tools" / "vendor.toml"
    text = spec.read_text("utf-8")
    spec.write_text(text.replace('["eye"]', '["ear"]'), "utf-8")
    with pytest.raises(vendor.VendorError, match="ear"):
        run(vendor, root)
    spec.write_text(text.replace("dist/a.js", "dist/z.js"), "utf-8")
    with pytest.raises(vendor.VendorError, match=r"dist/z\.js"):
        run(vendor, root)
    assert not (root / "static").exists()


def test_a_style_sheet_that_needs_another_file_is_refused(vendor):
    with pytest.raises(vendor.VendorError):
        vendor.clean("static/vendor/a.css", b'p{background:url("picture.png")}')


def test_the_registry_comes_from_the_machine(vendor, monkeypatch):
    monkeypatch.setenv("NPM_CONFIG_REGISTRY", "https://mirror.example/npm")
    assert vendor.registry() == "https://mirror.example/npm/"
    monkeypatch.delenv("NPM_CONFIG_REGISTRY")
    monkeypatch.setattr(vendor, "_from_npmrc", str)
    monkeypatch.setattr(vendor, "_from_npm", str)
    with pytest.raises(vendor.VendorError, match="NPM_CONFIG_REGISTRY"):
        vendor.registry()


def test_packages_of_the_tests_stay_out_of_the_image(vendor):
    kept = [p for p in vendor.packages(ROOT) if not p.tests_only]
    assert not any(target.startswith("tests/") for p in kept for target in p.targets)
    assert all(t.startswith("tests/") for p in vendor.packages(ROOT) if p.tests_only for t in p.targets)


def test_what_is_laid_out_is_ignored_by_git(vendor):
    ignored = [line for line in (ROOT / ".gitignore").read_text("utf-8").splitlines() if line.endswith("/")]
    for package in vendor.packages(ROOT):
        assert all(target.startswith(tuple(ignored)) for target in package.targets)


def test_the_lock_pins_with_sha512_and_names_no_registry():
    text = (ROOT / "package-lock.json").read_text("utf-8")
    assert '"resolved"' not in text
    packages = json.loads(text)["packages"]
    assert all(p["integrity"].startswith("sha512-") for name, p in packages.items() if name)
    manifest = json.loads((ROOT / "package.json").read_text("utf-8"))
    pinned = manifest["dependencies"] | manifest["devDependencies"]
    assert all(packages[f"node_modules/{name}"]["version"] == version for name, version in pinned.items())
