"""The entries of watched folders and buckets in the catalogue of connectors."""

from __future__ import annotations

from regard.connectors.connector_contract import Connector
from regard.connectors.folder.folder_settings import BUCKET_SETTINGS_SCHEMA, FOLDER_SETTINGS_SCHEMA
from regard.connectors.folder.watch_files import open_bucket, open_folder

FOLDER = Connector(
    "folder",
    "Files in a watched folder (CSV, JSON, Excel, Parquet)",
    category="Files",
    freshness="seconds",
    settings_schema=FOLDER_SETTINGS_SCHEMA,
    open=open_folder,
)
BUCKET = Connector(
    "bucket",
    "Files in an S3-compatible bucket (CSV, JSON, Excel, Parquet)",
    category="Files",
    freshness="seconds",
    settings_schema=BUCKET_SETTINGS_SCHEMA,
    open=open_bucket,
)
