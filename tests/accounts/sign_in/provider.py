"""A provider of single sign-on on loopback: real HTTP, real signatures; it misbehaves where a test asks it to."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

CLIENT, SECRET = "holdfast", "s3cret/with+signs"


class Provider:
    """What the provider knows: its keys, who signs in, and what it was asked."""

    def __init__(self) -> None:
        self.issuer = ""
        self.name: str | None = None
        """As what it describes itself; its address where a test says nothing else."""
        self.keys = {"one": rsa.generate_private_key(public_exponent=65537, key_size=2048)}
        self.signs_with = "one"
        self.person: dict[str, Any] = {"sub": "u-1", "email": "maya@anchor.example", "email_verified": True}
        self.info: dict[str, Any] | None = None
        self.claims: dict[str, Any] = {}
        """Over those of a proper token; None leaves one out."""
        self.key: Any = None
        self.algorithm = "RS256"
        self.methods = ["client_secret_basic"]
        self.codes: dict[str, dict[str, str]] = {}
        self.asked: list[str] = []
        self.refuses = False

    def came(self, address: str) -> str:
        """Somebody follows our link and signs in there; the query with which they are sent back."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        code = f"code-{len(self.codes)}"
        self.codes[code] = query
        return f"code={code}&state={query['state']}"

    def redeem(self, form: dict[str, str], basic: str) -> dict[str, Any] | None:
        query = self.codes.pop(form.get("code", ""), None)
        proof = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        pair = base64.b64encode(b"holdfast:s3cret%2Fwith%2Bsigns").decode()
        knows = (
            basic == f"Basic {pair}" if "client_secret_basic" in self.methods else form.get("client_secret") == SECRET
        )
        if (
            self.refuses
            or not knows
            or query is None
            or form["redirect_uri"] != query["redirect_uri"]
            or base64.urlsafe_b64encode(proof).rstrip(b"=").decode() != query["code_challenge"]
        ):
            return None
        return {"id_token": self.token(query["nonce"]), "access_token": "access", "token_type": "Bearer"}

    def token(self, nonce: str) -> str:
        at = int(time.time())
        whole = {"iss": self.issuer, "aud": CLIENT, "iat": at, "exp": at + 300, "nonce": nonce}
        told = {name: value for name, value in (whole | self.person | self.claims).items() if value is not None}
        key = self.key or self.keys[self.signs_with]
        return jwt.encode(told, key, algorithm=self.algorithm, headers={"kid": self.signs_with})

    def answer(self, path: str) -> Any:
        if path.endswith("/.well-known/openid-configuration"):
            return {
                "issuer": self.name or self.issuer,
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/keys",
                "userinfo_endpoint": f"{self.issuer}/me",
                "token_endpoint_auth_methods_supported": self.methods,
            }
        if path == "/keys":
            shown = (
                json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())) | {"kid": kid, "use": "sig"}
                for kid, key in self.keys.items()
            )
            return {"keys": list(shown)}
        return self.info if path == "/me" else None


@contextmanager
def running(provider: Provider) -> Iterator[Provider]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.asked.append(self.path)
            self._say(provider.answer(self.path))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._say(provider.redeem(form, self.headers.get("Authorization", "")))

        def _say(self, found: Any) -> None:
            body = json.dumps(found if found is not None else {"error": "invalid_grant"}).encode()
            self.send_response(200 if found is not None else 400)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()
