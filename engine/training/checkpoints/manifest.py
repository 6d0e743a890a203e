"""The manifest of a checkpoint: what lies in its folder, checked before anything of it is used."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from engine.model import DataError

FORMAT: Final = "generative models playground checkpoint"
VERSION = 1
MANIFEST = "manifest.json"
WEIGHTS = "weights.safetensors"
VIEWS = "views.safetensors.xz"
MAX_MANIFEST_BYTES = 8 * 2**20
MAX_FILE_BYTES = 256 * 2**20

Figures = dict[str, float]


class Record(BaseModel):
    """Describe one snapshot, without its views."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    step: Annotated[int, Field(ge=0)]
    epoch: float
    seconds: float
    metrics: Figures
    averages: Figures


class FileRecord(BaseModel):
    """Describe one other file of the folder."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bytes: Annotated[int, Field(ge=0, le=MAX_FILE_BYTES)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class Manifest(BaseModel):
    """Say which model this is, from what it was made and how it went; `extras` is free for the program that wrote it.

    `model` is a name for `engine.training.names.find_model`, `data` and `seed` what repeats the training, `files` the
    size and sha256 of every other file in the folder.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    format: Literal["generative models playground checkpoint"] = FORMAT
    version: Annotated[int, Field(ge=1)] = VERSION
    model: str
    family: str
    hyperparameters: dict[str, Any]
    data: str
    seed: int | None
    torch: str
    snapshots: tuple[Record, ...] = ()
    files: dict[Literal["weights.safetensors", "views.safetensors.xz"], FileRecord]
    extras: dict[str, Any] = Field(default_factory=dict)


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Write it, last of the folder's files and in one move: a folder half written never passes for a checkpoint."""
    partial = folder / (MANIFEST + ".part")
    text = json.dumps(manifest.model_dump(mode="json"), indent=1, allow_nan=False)
    partial.write_text(text + "\n", encoding="utf-8")
    partial.replace(folder / MANIFEST)


def read_manifest(folder: Path) -> Manifest:
    """Read and validate it; raise DataError for a missing, damaged, foreign or newer one."""
    raw = read_bounded(folder / MANIFEST, MAX_MANIFEST_BYTES)
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError):
        raise DataError(f"{MANIFEST} is damaged: it is not JSON.") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise DataError(f"{MANIFEST} does not describe a checkpoint of this playground.")
    version = content.get("version")
    if isinstance(version, int) and version > VERSION:
        raise DataError(f"This checkpoint has format version {version}; this playground reads up to {VERSION}.")
    try:
        return Manifest.model_validate_json(raw)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"]) or "it"
        raise DataError(f"{MANIFEST} is damaged: {where} is not as it should be.") from None


def describe(content: bytes) -> FileRecord:
    """Return the size and checksum of a file's content."""
    return FileRecord(bytes=len(content), sha256=hashlib.sha256(content).hexdigest())


def read_checked(folder: Path, name: str, record: FileRecord) -> bytes:
    """Read a file; raise DataError unless its size and checksum are those of `record`."""
    content = read_bounded(folder / name, MAX_FILE_BYTES)
    if len(content) != record.bytes:
        raise DataError(f"{name} is damaged: it has {len(content)} bytes in place of {record.bytes}.")
    if describe(content) != record:
        raise DataError(f"{name} is damaged: its checksum is not the manifest's.")
    return content


def read_bounded(path: Path, limit: int) -> bytes:
    """Read a regular file of at most `limit` bytes; raise DataError otherwise."""
    if not path.is_file():
        raise DataError(f"There is no {path.name} in {path.parent.name}.")
    with path.open("rb") as file:
        content = file.read(limit + 1)
    if len(content) > limit:
        raise DataError(f"{path.name} is larger than {limit // 2**20} MiB.")
    return content
