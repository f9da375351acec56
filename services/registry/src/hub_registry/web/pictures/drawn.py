"""The answer that is a picture: drawn after the page's transaction, so that no connection waits for it."""

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from hub_registry.errors import NotKnown
from hub_registry.pictures.drawing import order
from hub_registry.pictures.easel import Easel, NotDrawn
from hub_registry.pictures.model import Picture, Width


class Drawn(Response):
    """An SVG; while it can't be drawn, 503: the page then shows its words and its table."""

    def __init__(self, request: Request, picture: Picture, width: str, *, name: str = "") -> None:
        """Make it of a picture; ``name`` is what was asked for, where the address alone doesn't say which it is."""
        super().__init__(media_type="image/svg+xml")
        if width not in set(Width) or name not in {"", picture.name}:
            raise NotKnown("there is no such picture")
        self._easel: Easel = request.app.state.easel
        self._order = order(picture, Width(width))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Draw, then answer."""
        answer: Response
        try:
            answer = Response(await self._easel.draw(self._order), media_type="image/svg+xml")
        except NotDrawn:
            answer = PlainTextResponse("This picture can't be drawn now. Its table says the same.", status_code=503)
        await answer(scope, receive, send)
