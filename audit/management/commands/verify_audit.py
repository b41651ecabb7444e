from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from audit.domain.verification import verify
from core.commands import Command as BaseCommand
from core.commands import usage


class Command(BaseCommand):
    help = "Verify the audit record against its chain and its anchors. Exit 0: whole; 1: problems, each named."

    def arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--anchors", default=settings.AUDIT_ANCHOR_DIR, help="folder of the anchors (default: settings)")

    def run(self, options: dict[str, Any]) -> tuple[dict[str, Any], int]:
        folder = Path(options["anchors"])
        if folder.exists() and not folder.is_dir():
            raise usage(f"{folder} 不是文件夹")
        report = verify(folder)
        return {"ok": report.ok, **asdict(report)}, 0 if report.ok else 1

    def print_result(self, result: dict[str, Any]) -> None:
        for problem in result["problems"]:
            self.stdout.write(problem["message"])
        for put_back in result["restores"]:
            self.stdout.write(
                f"{put_back['restored_at']} 由 {put_back['os_user']} 恢复到 {put_back['made_at']} 的备份，"
                f"其后封存的 {put_back['given_up']} 条记录随之放弃。"
            )
        verdict = "全部相符。" if result["ok"] else f"发现 {len(result['problems'])} 处问题。"
        self.stdout.write(f"封条 {result['seals']} 个，锚点 {result['anchors']} 个。{verdict}")
        self.stdout.write(f"已封存 {result['sealed']} 条，未封存 {result['unsealed']} 条。")
