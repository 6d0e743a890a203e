"""Data to learn from: point presets with exact densities, tables, the point code of links, and images."""

from engine.data.codec import decode_points, encode_points
from engine.data.images import Images, load_images
from engine.data.points import Points, load_points, preset, presets
from engine.data.preset import Preset
from engine.data.tables import Table, read_csv, read_file, read_npy, read_paste, write_csv

__all__ = [
    "Images",
    "Points",
    "Preset",
    "Table",
    "decode_points",
    "encode_points",
    "load_images",
    "load_points",
    "preset",
    "presets",
    "read_csv",
    "read_file",
    "read_npy",
    "read_paste",
    "write_csv",
]
