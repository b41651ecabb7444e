"""The drawings of every declared procedure, as files: docs/procedures/<code>.svg and their list."""

from pathlib import Path

from core.procedures import declared
from workflow.drawing import draw
from workflow.presenting import starters

HEAD = "# 流程图\n\n由代码中的流程声明画出（`manage.py draw_procedures`），与代码不一致时测试不过。\n"


def drawings() -> dict[str, str]:
    """File name → content. Codes that begin with "test." belong to the tests."""
    found = [p for p in declared() if not p.code.startswith("test.")]
    files = {f"{p.code}.svg": draw(p) for p in found}
    rows = [f"| [{p.title}]({p.code}.svg) | `{p.code}` 第 {p.version} 版 | {starters(p)} | {p.summary} |" for p in found]
    table = ["| 流程 | 代码 | 谁可以提 | 说明 |", "|---|---|---|---|", *rows]
    files["index.md"] = HEAD + "\n" + ("\n".join(table) if rows else "还没有声明流程。") + "\n"
    return files


def write_drawings(folder: Path) -> int:
    """Write the files and remove those of procedures that are gone. Returns how many changed."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted, changed = drawings(), 0
    for path in set(folder.glob("*")) - {folder / name for name in wanted}:
        path.unlink()
        changed += 1
    for name, text in wanted.items():
        path = folder / name
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            changed += 1
    return changed
