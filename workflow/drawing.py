"""A procedure drawn from its declaration: an SVG with nothing but presentation attributes, for the page and for docs/."""

from django.utils.html import escape

from core.procedures import Procedure, Step
from workflow.presenting import conditions, starters, term_words, turn_words

WIDTH, MARGIN, HEAD, LINE, GAP = 660, 20, 30, 20, 30
LONGEST = 44  # characters of a line
INK, DIM, EDGE, FILL, NOW, NOW_FILL = "#1f2328", "#5b6169", "#8a9099", "#ffffff", "#b3261e", "#fdf1ef"


def draw(rules: Procedure, current: str = "") -> str:
    """The way from the start to the end, top to bottom; `current` is the step to mark."""
    parts: list[str] = []
    y = _box(parts, MARGIN, "提出", [f"谁可以提：{starters(rules)}"])
    for step in rules.steps:
        y = _arrow(parts, y)
        y = _box(parts, y, step.label, _lines(step), marked=step.code == current)
    y = _arrow(parts, y)
    y = _box(parts, y, "办结", _ending(rules))
    height = y + MARGIN
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" aria-label="{escape(rules.title)}流程图" font-family="sans-serif">'
    )
    return "\n".join([head, f"<title>{escape(rules.title)}（第 {rules.version} 版）</title>", *parts, "</svg>"]) + "\n"


def _lines(step: Step) -> list[str]:
    then = [f"同意后到：{step.then}"] if step.then and step.then != "end" else []
    return [turn_words(step.turn), term_words(step.deadline), *conditions(step), *then]


def _ending(rules: Procedure) -> list[str]:
    lines = ["同意：按内容办理", "退回：补正后再交，填过的都在", "不同意、撤回：终止，写明理由"]
    if rules.correction:
        lines.append(f"退回后：{term_words(rules.correction)}")
    if rules.one_by_one:
        lines.append("逐件办理，不能一并办理")
    return lines


def _wrapped(lines: list[str]) -> list[str]:
    """No longer than a box is wide."""
    return [line[start : start + LONGEST] for line in lines for start in range(0, len(line), LONGEST)]


def _box(parts: list[str], y: int, title: str, lines: list[str], *, marked: bool = False) -> int:
    lines = _wrapped(lines)
    height = HEAD + LINE * len(lines) + 12
    edge, fill, width = (NOW, NOW_FILL, 2) if marked else (EDGE, FILL, 1)
    parts.append(
        f'<rect x="{MARGIN}" y="{y}" width="{WIDTH - 2 * MARGIN}" height="{height}" rx="6" fill="{fill}" stroke="{edge}" '
        f'stroke-width="{width}"/>'
    )
    words = f"{title}（现在在这里）" if marked else title
    parts.append(_text(y + 24, words, 16, NOW if marked else INK, "600"))
    parts += [_text(y + HEAD + 14 + LINE * n, line, 13, DIM) for n, line in enumerate(lines)]
    return y + height


def _text(y: int, words: str, size: int, colour: str, weight: str = "400") -> str:
    return f'<text x="{MARGIN + 16}" y="{y}" font-size="{size}" font-weight="{weight}" fill="{colour}">{escape(words)}</text>'


def _arrow(parts: list[str], y: int) -> int:
    x, end = WIDTH // 2, y + GAP
    parts.append(
        f'<path d="M{x} {y} V{end - 6} M{x - 5} {end - 9} L{x} {end - 2} L{x + 5} {end - 9}" fill="none" stroke="{EDGE}"/>'
    )
    return end
