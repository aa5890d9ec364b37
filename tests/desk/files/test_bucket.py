"""Files in a bucket, spoken to over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from desk.files import sweep
from desk.files.models import File
from harness.fakes.bucket import KEY_ID, SECRET, FakeBucket
from support.config.schema import Config
from support.config.storages import file_storage
from tests.desk.files import samples
from tests.desk.files.asking import body, refusal, send
from tests.queueing.world import Customer


@pytest.fixture
def bucket(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeBucket]:
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with FakeBucket() as running:
        config = Config(
            S3_BUCKET=running.name,
            S3_ENDPOINT_URL=running.url,
            S3_REGION="eu-central-1",
            S3_ACCESS_KEY_ID=KEY_ID,
            S3_SECRET_ACCESS_KEY=SECRET,
        )
        settings.STORAGES = {**settings.STORAGES, "files": file_storage(config)}
        yield running


def test_content_goes_there_and_comes_from_there(ayse: Customer, bucket: FakeBucket) -> None:
    sent = send(ayse, samples.picture(), "a.png").json()
    assert len(bucket.objects) == 2
    assert all(sent["name"] not in name for name in bucket.objects)
    served = Client().get(sent["url"])
    assert len(body(served)) == sent["size"]
    assert body(Client().get(sent["thumb"]))
    sweep.forget([ayse.cid])
    assert sweep.clear() == 1
    assert not bucket.objects


def test_a_large_file_is_one_object(ayse: Customer, bucket: FakeBucket) -> None:
    content = b"x" * 9_000_000
    sent = send(ayse, content).json()
    [kept] = bucket.objects.values()
    assert kept == content
    assert bucket.hits.count("PUT") == 1
    assert body(Client().get(sent["url"])) == content


@pytest.mark.parametrize("status", [403, 500, 503])
def test_a_store_that_is_out_is_said_to_be(ayse: Customer, bucket: FakeBucket, status: int) -> None:
    sent = send(ayse, b"x").json()
    bucket.fail = status
    assert refusal(send(ayse, b"y")) == (503, "storage_unavailable")
    assert refusal(Client().get(sent["url"])) == (503, "storage_unavailable")
    # Nobody knows whether something was written: its row is left, so that it is looked for.
    left = File.objects.exclude(pk=sent["id"]).get()
    assert left.state == "receiving"
    bucket.fail = 0
    File.objects.filter(pk=left.pk).update(created_at=left.created_at - 2 * sweep.CUT_OFF)
    assert sweep.clear() == 1
    assert File.objects.get().pk == sent["id"]


def test_content_that_is_gone_is_said_to_be(ayse: Customer, bucket: FakeBucket) -> None:
    sent = send(ayse, b"x").json()
    bucket.objects.clear()
    assert refusal(Client().get(sent["url"])) == (404, "file_unknown")
