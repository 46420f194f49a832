"""A Hub of data sets that are made up on the spot; whatever else is asked of it, a server of ours answers.

The recipes find it by `HF_ENDPOINT`, as they would find the real one.
"""

import hashlib
import json
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import unquote, urlsplit

Rows = list[dict]

COMMIT = "0123456789abcdef0123456789abcdef01234567"
PASSED_ON = {"content-type", "content-length", "etag", "x-repo-commit", "x-error-code", "accept-ranges", "location"}


class DataSet:
    """The files of one repository: its card, and a file of JSON lines for each split."""

    def __init__(self, config: str, splits: Mapping[str, Rows]):
        named = [f"  - split: {split}\n    path: {split}.jsonl\n" for split in splits]
        card = f"---\nconfigs:\n- config_name: {config}\n  data_files:\n{''.join(named)}---\n"
        self.files = {"README.md": card.encode()} | {
            f"{split}.jsonl": "".join(json.dumps(row) + "\n" for row in rows).encode() for split, rows in splits.items()
        }

    def entry(self, file: str) -> dict:
        return {"type": "file", "path": file, "size": len(self.files[file]), "oid": oid(self.files[file])}

    def info(self, name: str) -> dict:
        siblings = [{"rfilename": file} for file in self.files]
        said = {"id": name, "sha": COMMIT, "private": False, "gated": False, "disabled": False}
        return said | {"tags": [], "siblings": siblings, "downloads": 0, "likes": 0}


def oid(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class Hub:
    """Serves on a port of its own until it is closed."""

    def __init__(self, models: str, data: Mapping[str, Callable[[], DataSet]]):
        """`models` is where the server answers for models and their tokenizers."""
        made: dict[str, DataSet] = {}

        def data_set(name: str) -> DataSet | None:
            if name not in made and name in data:
                made[name] = data[name]()
            return made.get(name)

        class Answer(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                path = unquote(urlsplit(self.path).path)
                parts = path.strip("/").split("/")
                if parts[:2] == ["api", "datasets"] and len(parts) >= 4:
                    self.api("/".join(parts[2:4]), parts[4:])
                elif parts[0] == "datasets" and parts[3:4] == ["resolve"]:
                    self.file("/".join(parts[1:3]), "/".join(parts[5:]))
                else:
                    self.passed_on()

            do_HEAD = do_GET

            def do_POST(self) -> None:
                """The one thing asked this way: what is known of some paths."""
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                parts = unquote(urlsplit(self.path).path).strip("/").split("/")
                found = data_set("/".join(parts[2:4]))
                if found is None or parts[4:5] != ["paths-info"]:
                    return self.missing("RepoNotFound")
                paths = json.loads(body)["paths"] if body.startswith(b"{") else form(body)
                self.json([found.entry(path) for path in paths if path in found.files])

            def api(self, name: str, rest: list[str]) -> None:
                found = data_set(name)
                if found is None:
                    self.missing("RepoNotFound")
                elif rest[:1] == ["tree"]:
                    inside = "/".join(rest[2:])
                    if inside:
                        self.missing("EntryNotFound")
                    else:
                        self.json([found.entry(file) for file in found.files])
                elif rest[:1] in ([], ["revision"]):
                    self.json(found.info(name))
                else:
                    self.missing("EntryNotFound")

            def file(self, name: str, file: str) -> None:
                found = data_set(name)
                if found is None:
                    self.missing("RepoNotFound")
                elif file not in found.files:
                    self.missing("EntryNotFound")
                else:
                    content = found.files[file]
                    self.reply(200, content, {"ETag": f'"{oid(content)}"', "X-Repo-Commit": COMMIT})

            def passed_on(self) -> None:
                asked = urllib.request.Request(models + self.path, method=self.command)
                try:
                    with urllib.request.urlopen(asked, timeout=60) as answer:
                        self.reply(answer.status, answer.read(), answer.headers)
                except urllib.error.HTTPError as refusal:
                    self.reply(refusal.code, refusal.read(), refusal.headers)

            def json(self, content: object) -> None:
                self.reply(200, json.dumps(content).encode(), {"Content-Type": "application/json"})

            def missing(self, code: str) -> None:
                self.reply(404, b'{"error": "it is not here"}', {"X-Error-Code": code, "X-Repo-Commit": COMMIT})

            def reply(self, status: int, content: bytes, headers: Mapping[str, str]) -> None:
                self.send_response(status)
                kept = {name: value for name, value in headers.items() if name.lower() in PASSED_ON}
                kept.setdefault("Content-Length", str(len(content)))
                for name, value in kept.items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
        self._server.daemon_threads = True
        Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def form(body: bytes) -> list[str]:
    """The paths of a body of `paths=…&paths=…`."""
    pairs = [pair.split("=", 1) for pair in body.decode().split("&")]
    return [unquote(value.replace("+", " ")) for name, value in pairs if name == "paths"]
