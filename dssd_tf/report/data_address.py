"""Content that a page holds itself."""

import base64


def data_address(kind: str, content: bytes) -> str:
    """The `data:` address of some content of a media type."""
    return f"data:{kind};base64,{base64.b64encode(content).decode('ascii')}"
