"""Bytes as URL-safe text, so that a link carries them: a version and base64url of zlib."""

from __future__ import annotations

import base64
import binascii
import zlib

from engine.model import DataError


def pack(raw: bytes, version: str) -> str:
    """Return bytes as URL-safe text that begins with `version`."""
    return version + base64.urlsafe_b64encode(zlib.compress(raw, 9)).decode("ascii").rstrip("=")


def unpack(text: str, version: str, most_bytes: int, what: str) -> bytes:
    """Return the bytes that `pack` put into text, of which there are `most_bytes` at most.

    Never takes more memory than those; raises DataError, which says `what` it is, for damaged, foreign or oversized
    text.
    """
    if len(text) > 2 * most_bytes:
        raise DataError(f"The link's {what} is too long to be one of ours.")
    if not text.startswith(version):
        raise DataError(f"The link's {what} was made by another version of this page.")
    payload = text[len(version) :]
    try:
        packed = base64.b64decode(payload + "=" * (-len(payload) % 4), altchars=b"-_", validate=True)
        stream = zlib.decompressobj()
        raw = stream.decompress(packed, most_bytes + 1)  # a bomb is cut off here
    except (ValueError, binascii.Error, zlib.error):
        raise DataError(broken(what)) from None
    if len(raw) > most_bytes or not stream.eof or stream.unused_data:
        raise DataError(broken(what))
    return raw


def broken(what: str) -> str:
    """Return the sentence about damaged text."""
    return f"The link's {what} is damaged; copy the whole link again."
