"""`python -m benchmarks --members N`: build the data set, measure, print the table, write benchmarks/latest.json."""

import argparse
import os

MEMBERS = 100_000


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--members", type=int, default=MEMBERS, metavar="N")
    parser.add_argument("--only", default="", metavar="TEXT", help="only the groups whose name contains TEXT; nothing is written")
    parser.add_argument("--rebuild", action="store_true", help="make the data set anew although one of this size is there")
    parser.add_argument(
        "--document", action="store_true", help="write the kept results into docs/performance.md; measures nothing"
    )
    options = parser.parse_args()
    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.settings"
    import django  # noqa: PLC0415 - settings first

    django.setup()
    from benchmarks import document, running  # noqa: PLC0415

    if options.document:
        return document.write()
    return running.run(options.members, only=options.only, rebuild=options.rebuild)


if __name__ == "__main__":
    main()
