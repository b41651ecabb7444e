"""Asks our own web service, as the proxy would, whether it is ready. Exit 0: yes. Standard library only."""

import http.client
import os
import sys


def main() -> int:
    host, _, port = os.environ.get("DANGWU_BIND", "127.0.0.1:8000").rpartition(":")
    name = os.environ.get("DANGWU_HOSTS", "localhost").split(",")[0].strip()
    link = http.client.HTTPConnection("127.0.0.1" if host in ("", "0.0.0.0") else host, int(port), timeout=20)
    try:
        link.request("GET", sys.argv[1] if len(sys.argv) > 1 else "/readyz", headers={"Host": name, "X-Forwarded-Proto": "https"})
        return 0 if link.getresponse().status == 200 else 1
    except OSError:
        return 1


if __name__ == "__main__":
    sys.exit(main())
