"""A hub of models for one visitor, in the shapes that `huggingface_hub` speaks: enough to push a folder and fetch it."""

import base64
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

NAME = "ann"


class Hub(ThreadingHTTPServer):
    """What was pushed, by repository and file, and every request that came."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Desk)
        self.repos: dict[str, dict[str, bytes]] = {}
        self.objects: dict[str, bytes] = {}
        self.heard: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def sha(self, repo: str) -> str:
        return hashlib.sha1(repr(sorted(self.repos[repo].items())).encode()).hexdigest()


class Desk(BaseHTTPRequestHandler):
    """Answers one request; the first rule whose method and path fit says how."""

    server: Hub
    protocol_version = "HTTP/1.1"

    def log_message(self, *words: object) -> None:
        pass

    def body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            parts = []
            while size := int(self.rfile.readline(), 16):
                parts.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def say(self, content: Any, code: int = 200, **headers: str) -> None:
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def answer(self) -> None:
        path = self.path.split("?")[0]
        data = self.body()
        self.server.heard.append(f"{self.command} {path}")
        for method, pattern, rule in RULES:
            found = re.fullmatch(pattern, path)
            if found and self.command in method:
                return rule(self, data, *found.groups())
        self.say({"error": f"nothing at {path}"}, 404)

    do_GET = do_HEAD = do_POST = do_PUT = answer

    def who(self, _: bytes) -> None:
        known = self.headers.get("Authorization") == "Bearer hf_conformance"
        self.say({"name": NAME, "type": "user", "orgs": []} if known else {"error": "who?"}, 200 if known else 401)

    def create(self, data: bytes) -> None:
        repo = f"{NAME}/{json.loads(data)['name']}"
        self.server.repos.setdefault(repo, {})
        self.say({"url": f"{self.server.url}/{repo}", "name": repo})

    def card(self, data: bytes) -> None:
        errors = [] if json.loads(data)["content"].startswith("---") else [{"message": "no front matter"}]
        self.say({"errors": errors, "warnings": []}, 400 if errors else 200)

    def preupload(self, data: bytes, repo: str) -> None:
        modes = {True: "lfs", False: "regular"}
        files = [
            {"path": each["path"], "uploadMode": modes[each["path"].endswith("safetensors")], "shouldIgnore": False}
            for each in json.loads(data)["files"]
        ]
        self.say({"files": files})

    def batch(self, data: bytes, repo: str) -> None:
        objects = [
            {
                **each,
                "actions": {
                    "upload": {"href": f"{self.server.url}/objects/{each['oid']}"},
                    "verify": {"href": f"{self.server.url}/verify"},
                },
            }
            for each in json.loads(data)["objects"]
        ]
        self.say({"transfer": "basic", "objects": objects}, Content_Type="application/vnd.git-lfs+json")

    def upload(self, data: bytes, oid: str) -> None:
        assert hashlib.sha256(data).hexdigest() == oid
        self.server.objects[oid] = data
        self.say({})

    def verify(self, data: bytes) -> None:
        said = json.loads(data)
        self.say({}, 200 if len(self.server.objects.get(said["oid"], b"")) == said["size"] else 404)

    def commit(self, data: bytes, repo: str) -> None:
        files = self.server.repos[repo]
        for line in map(json.loads, data.splitlines()):
            value = line["value"]
            if line["key"] == "file":
                files[value["path"]] = base64.b64decode(value["content"])
            if line["key"] == "lfsFile":
                files[value["path"]] = self.server.objects[value["oid"]]
        sha = self.server.sha(repo)
        self.say({"success": True, "commitOid": sha, "commitUrl": f"{self.server.url}/{repo}/commit/{sha}"})

    def about(self, _: bytes, repo: str) -> None:
        files = [{"rfilename": name} for name in self.server.repos[repo]]
        self.say({"id": repo, "modelId": repo, "sha": self.server.sha(repo), "siblings": files})

    def tree(self, _: bytes, repo: str) -> None:
        files = self.server.repos[repo].items()
        said = [(name, data, hashlib.sha256(data).hexdigest()) for name, data in files]
        self.say([{"type": "file", "path": name, "size": len(data), "oid": oid} for name, data, oid in said])

    def file(self, _: bytes, repo: str, name: str) -> None:
        if name not in self.server.repos.get(repo, {}):
            return self.say({"error": "no such entry"}, 404, X_Error_Code="EntryNotFound")
        data = self.server.repos[repo][name]
        self.say(data, ETag=f'"{hashlib.sha256(data).hexdigest()}"', X_Repo_Commit=self.server.sha(repo))


REPO = r"([\w.-]+/[\w.-]+)"
RULES = [
    ("GET", "/api/whoami-v2", Desk.who),
    ("POST", "/api/repos/create", Desk.create),
    ("POST", "/api/validate-yaml", Desk.card),
    ("POST", f"/api/models/{REPO}/preupload/[^/]+", Desk.preupload),
    ("POST", rf"/{REPO}\.git/info/lfs/objects/batch", Desk.batch),
    ("PUT", "/objects/([0-9a-f]+)", Desk.upload),
    ("POST", "/verify", Desk.verify),
    ("POST", f"/api/models/{REPO}/commit/[^/]+", Desk.commit),
    ("GET", f"/api/models/{REPO}(?:/revision/[^/]+)?", Desk.about),
    ("GET", f"/api/models/{REPO}/tree/[^/]+", Desk.tree),
    ("GET HEAD", f"/{REPO}/resolve/[^/]+/(.+)", Desk.file),
]


@contextmanager
def hub() -> Iterator[Hub]:
    """Open for the length of a scenario."""
    server = Hub()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
