"""What keeps strangers out: limits of size, headers that bind a page to its own server, tokens in forms."""

import secrets
from hashlib import sha256
from hmac import compare_digest

from itsdangerous import BadSignature, Signer
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST = 256 * 1024
"""Bytes of a form that are read."""
COOKIE = "quizgen"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})

HEADERS = {
    "content-security-policy": (
        "default-src 'self'; style-src-attr 'unsafe-inline'; img-src 'self' data:; object-src 'none'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
"""Sent with every answer. Formulas carry their spacing in ``style`` attributes; there is no other inline style."""


class Guard:
    """ASGI middleware: refuses forms that are too large, without reading them, and adds the headers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        length = Headers(scope=scope).get("content-length", "0")
        if not length.isdecimal():
            await PlainTextResponse("Bad Request", 400)(scope, receive, sending)
        elif int(length) > LARGEST:
            await too_large(scope, receive, sending)
        else:
            await self.app(scope, _counted(receive), sending)


class TooLarge(Exception):
    """A form without a stated length that goes on and on."""


def _counted(receive: Receive) -> Receive:
    """``receive``, which raises TooLarge when more has come than is read."""
    come = 0

    async def counting() -> Message:
        nonlocal come
        message = await receive()
        come += len(message.get("body", b""))
        if come > LARGEST:
            raise TooLarge
        return message

    return counting


async def too_large(scope: Scope, receive: Receive, send: Send) -> None:
    """The answer to a form of 10 MB."""
    await PlainTextResponse("Content Too Large", 413, {"connection": "close"})(scope, receive, send)


class Tokens:
    """Tokens for forms, which only pages of this server have: each belongs to the cookie of one browser."""

    def __init__(self, secret: str = "") -> None:
        self._signer = Signer(secret or secrets.token_hex(32), salt="quizgen.study.form", digest_method=sha256)

    def browser(self, request: Request) -> str:
        """The name of the browser, new if it has none yet."""
        if not hasattr(request.state, "browser"):
            request.state.browser = self._signed_in(request.cookies.get(COOKIE, "")) or secrets.token_urlsafe(18)
        name: str = request.state.browser
        return name

    def _signed_in(self, cookie: str) -> str:
        try:
            return self._signer.unsign(cookie).decode()
        except (BadSignature, UnicodeError):
            return ""

    def token(self, request: Request) -> str:
        """The token for the forms of a page."""
        return self._signer.get_signature(f"form:{self.browser(request)}").decode()

    def holds(self, request: Request, token: str) -> bool:
        """Whether a form comes from a page of this server in this browser."""
        if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return False
        return compare_digest(token.encode(), self.token(request).encode())

    def remember(self, request: Request, response: Response) -> None:
        """Gives the browser its name, unless it has it."""
        signed = self._signer.sign(self.browser(request)).decode()
        if request.cookies.get(COOKIE) != signed:
            response.set_cookie(COOKIE, signed, httponly=True, samesite="strict")
