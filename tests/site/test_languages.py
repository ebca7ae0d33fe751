"""The review of translations."""

import csv
import io

from crm.base import translations
from crm.config import ROOT


def upload(client, text: str, reviewer: str = "Rosa Reviewer"):
    data = {"file": (io.BytesIO(text.encode()), "es.csv"), "reviewer": reviewer}
    return client.send("/staff/settings/languages/es", data, content_type="multipart/form-data")


def test_a_downloaded_file_comes_back_reviewed(as_alice):
    as_alice.page("/staff/settings/languages/")
    as_alice.page("/staff/settings/languages/es")
    text = as_alice.get("/staff/settings/languages/es.csv").text
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert {"source": "Save", "translation": "Guardar", "reviewed_by": ""} in rows
    upload(as_alice, text)
    assert all(t.reviewed_by == "Rosa Reviewer" for t in translations.texts(ROOT / "translations", "es"))


def test_rows_that_cannot_be_taken_are_named_and_the_others_stand(as_alice):
    answer = upload(as_alice, "source,translation\nSave,Conservar\nNowhere,x\n")
    assert "Line 3 (Nowhere): this text is not in the catalog." in answer.text
    assert {t.source: t.translation for t in translations.texts(ROOT / "translations", "es")}["Save"] == "Conservar"


def test_a_file_in_another_encoding_says_what_to_do(as_alice):
    data = {"file": (io.BytesIO("source,translation\nSave,Página".encode("latin-1")), "es.csv"), "reviewer": "R"}
    answer = as_alice.send("/staff/settings/languages/es", data, content_type="multipart/form-data")
    assert "save it as CSV in UTF-8" in answer.text
