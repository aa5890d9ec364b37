"""Where the files of conversations are kept, as Django's `STORAGES` takes it."""

from __future__ import annotations

from typing import Any

from support.config.schema import Config

CONNECT_SECS, READ_SECS, ATTEMPTS = 3, 15, 2
ONE_REQUEST_BYTES = 128 * 1024 * 1024
"""More than the largest file that FILE_MAX_MB allows."""


def file_storage(config: Config) -> dict[str, Any]:
    """A folder of DATA_DIR that nobody else on the machine reads, or a bucket that nobody reads but us."""
    if not config.S3_BUCKET:
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {
                "location": config.DATA_DIR / "files",
                "file_permissions_mode": 0o600,
                "directory_permissions_mode": 0o700,
            },
        }
    # Here and not at the top: it is an extra, and 20 MB of memory.
    from boto3.s3.transfer import TransferConfig
    from botocore.config import Config as Client

    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": config.S3_BUCKET,
            "endpoint_url": config.S3_ENDPOINT_URL or None,
            "region_name": config.S3_REGION or None,
            "access_key": config.S3_ACCESS_KEY_ID or None,
            "secret_key": config.S3_SECRET_ACCESS_KEY or None,
            # Names are random and never written twice; looking first would be a request more.
            "file_overwrite": True,
            "default_acl": None,
            # A file is small: one request for each, so that there is no half of it to clear away, and no threads.
            "transfer_config": TransferConfig(multipart_threshold=ONE_REQUEST_BYTES, use_threads=False),
            "client_config": Client(
                connect_timeout=CONNECT_SECS,
                read_timeout=READ_SECS,
                retries={"total_max_attempts": ATTEMPTS},
                # Amazon's newer checksums are refused by many other stores; TLS and SigV4 see to the bytes.
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                # A store that is not Amazon's is reached by path; its names need no wildcard certificate then.
                s3={"addressing_style": "path"} if config.S3_ENDPOINT_URL else None,
            ),
        },
    }
