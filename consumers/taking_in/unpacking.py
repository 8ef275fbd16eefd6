"""Bounds what the Kafka client unpacks: by itself it unpacks a batch whole, and a few kilobytes may hold gigabytes."""

import gzip
import io
from collections.abc import Callable
from typing import Any

import lz4.frame
import zstandard
from kafka.errors import CorruptRecordError
from kafka.record import default_records

LARGEST = 16 * 2**20
"""Bytes of a batch. What a client packs into one before it compresses is 1 MB at most by their usual settings."""

Unpacking = Callable[[Any], bytes]


def bound() -> None:
    """From now on, in this process, a batch that holds more than `LARGEST` cannot be read (`CorruptRecordError`).

    Snappy needs no bound: it makes no more than 21 bytes of one, and a batch comes in with 1 MB at most."""
    default_records.gzip_decode = _bounded(lambda packed: gzip.GzipFile(fileobj=io.BytesIO(packed)).read(LARGEST + 1))
    default_records.lz4_decode = _bounded(lambda packed: lz4.frame.open(io.BytesIO(packed)).read(LARGEST + 1))
    default_records.zstd_decode = _bounded(_unpack_zstd)


def _unpack_zstd(packed: Any) -> bytes:
    with zstandard.ZstdDecompressor().stream_reader(io.BytesIO(packed), read_across_frames=True) as reader:
        return bytes(reader.read(LARGEST + 1))


def _bounded(unpack: Unpacking) -> Unpacking:
    def unpacked(packed: Any) -> bytes:
        found = unpack(packed)
        if len(found) > LARGEST:
            raise CorruptRecordError(f"A batch holds more than {LARGEST} bytes.")
        return found

    return unpacked
