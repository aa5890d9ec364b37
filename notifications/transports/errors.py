"""How a delivery fails, whichever service it went to."""


class DeliveryError(Exception):
    """Telegram, or another service, did not take the message. `text` is safe to store and show: it holds neither
    token nor message.

    `permanent`: trying again cannot help. `blocked`: the recipient shut the bot out. `retry_after`: seconds Telegram
    asks for. `moved_to`: the chat has this id now. `refused`: there is no such recipient, which is nobody's fault here.
    """

    def __init__(
        self,
        text: str,
        *,
        permanent: bool = False,
        blocked: bool = False,
        refused: bool = False,
        retry_after: float | None = None,
        moved_to: str = "",
    ) -> None:
        super().__init__(text)
        self.text = text
        self.permanent = permanent
        self.blocked = blocked
        self.refused = refused
        self.retry_after = retry_after
        self.moved_to = moved_to
