"""What keeps strangers out: limits of size, names of the server, headers and tokens that bind a page to it."""

import secrets
from collections.abc import Sequence
from hashlib import sha256
from hmac import compare_digest
from ipaddress import ip_address

from itsdangerous import BadSignature, Signer
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST = 256 * 1024
"""Bytes of a form that are read."""
PATIENT = 16 * 1024 * 1024
"""Bytes of a larger one that are passed over: a browser that is still sending does not hear that it is too large."""
COOKIE = "quizgen"

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
            await _pass_over(receive, {"more_body": int(length) <= PATIENT})
            await too_large(scope, receive, sending)
        else:
            await self.app(scope, _counted(receive), sending)


class Hosts:
    """ASGI middleware: answers to these names and to numbers only.

    A page elsewhere whose name is pointed at this machine would otherwise be taken for one of ours; a number cannot be
    pointed anywhere. Whoever comes by the ``secure`` name has come through a proxy, by https.
    """

    def __init__(self, app: ASGIApp, names: Sequence[str], secure: str = "") -> None:
        self.app = app
        self.names = frozenset(name.lower() for name in (*names, secure) if name)
        self.secure = secure.lower()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            host = Headers(scope=scope).get("host", "")
            inside, bracket, _ = host.removeprefix("[").partition("]")
            name = (inside if bracket else host.partition(":")[0]).lower()
            if name not in self.names and not _is_number(name):
                said = f"This server does not answer to the name {host[:80]!r}."
                await PlainTextResponse(said, 400)(scope, receive, send)
                return
            if self.secure and name == self.secure:
                scope["scheme"] = "https"
        await self.app(scope, receive, send)


def _is_number(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


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
            await _pass_over(receive, message)
            raise TooLarge
        return message

    return counting


async def _pass_over(receive: Receive, message: Message) -> None:
    """Waits for the end of a form of which ``message`` is the last piece that has come."""
    come = 0
    while message.get("more_body") and come < PATIENT:
        message = await receive()
        come += len(message.get("body", b""))


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
            request.state.browser = self.unsigned(request.cookies.get(COOKIE, "")) or secrets.token_urlsafe(18)
        name: str = request.state.browser
        return name

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
        signed = self.signed(self.browser(request))
        if request.cookies.get(COOKIE) != signed:
            remember(request, response, COOKIE, signed)

    def signed(self, value: str) -> str:
        """A value for a cookie that nobody else can make."""
        return self._signer.sign(value).decode()

    def unsigned(self, cookie: str) -> str:
        """The value of such a cookie; empty if it is not one of ours."""
        try:
            return self._signer.unsign(cookie).decode()
        except (BadSignature, UnicodeError):
            return ""


def remember(request: Request, response: Response, name: str, value: str, seconds: int | None = None) -> None:
    """Has the browser keep a cookie, which scripts cannot read and forms of other sites do not send.

    It comes with a link from elsewhere: who follows one from the course's pages is known at once.
    """
    is_https = request.url.scheme == "https"
    response.set_cookie(name, value, max_age=seconds, httponly=True, samesite="lax", secure=is_https)
