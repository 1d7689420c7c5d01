#!/usr/bin/env python3
"""tus 1.0.0, rule by rule: the core protocol and the extensions that siegel-transfer announces.

Each case says in its first line which rule it plays; what stands in quotes is the protocol's own word.

usage: transfer_tus_test.py FOLDER_OF_PROGRAMS [CASE ...]
"""

import base64
import contextlib
import email.utils
import hashlib
import os
import pathlib
import re
import threading
import time

import transfer_site

OFFSET_TYPE = "application/offset+octet-stream"
EXTENSIONS = {"creation", "creation-with-upload", "termination", "checksum", "expiration"}
CHUNK = 65536  # of the vault: what lies on both sides of its border is worth a look


def sha(octets, algorithm="sha256"):
    return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, octets).digest()).decode()}"


def metadata(**pairs):
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())


class Scene:
    """One site, somebody who is signed in, and requests as a tus client writes them."""

    def __init__(self, root, programs):
        self.site = transfer_site.TransferSite(pathlib.Path(root) / "site", programs,
                                               ", file: 8 MB, transfer: 64 MB, new_uploads_per_hour: 1000000")
        self.site.start_all()
        self.browser = transfer_site.Browser(self.site)
        self.browser.sign_in("bauamt@stadt.example")
        self.browser.open("/new")

    def tus(self, method, path, octets=None, **fields):
        """A field is named as a Python word: upload_offset=3; None leaves it out."""
        wanted = {"tus_resumable": "1.0.0", **fields}
        headers = {name.replace("_", "-").title(): str(value) for name, value in wanted.items() if value is not None}
        return self.site.ask(method, path, headers, octets)

    def create(self, length, octets=None, **fields):
        return self.tus("POST", "/uploads", octets, **{
            "upload_length": length, "upload_metadata": metadata(filename="Plan.pdf"), "cookie": self.browser.cookies(),
            "x_siegel_token": self.browser.token, "content_type": None if octets is None else OFFSET_TYPE, **fields})

    def begin(self, length, octets=None, **fields):
        """The path of a new upload."""
        answer = self.create(length, octets, **fields)
        assert answer.status == 201, answer
        return answer.headers["Location"]

    def head(self, path, **fields):
        return self.tus("HEAD", path, **fields)

    def patch(self, path, offset, octets, **fields):
        return self.tus("PATCH", path, octets, **{"upload_offset": offset, "content_type": OFFSET_TYPE, **fields})

    def offset(self, path):
        answer = self.head(path)
        assert answer.status == 200, answer
        return int(answer.headers["Upload-Offset"])

    def fetched(self, path):
        """What somebody gets who is sent this upload."""
        recipient = f"{os.urandom(4).hex()}@buerger.example"
        answer = self.browser.post("/transfers", upload=path.rsplit("/", 1)[1], recipients=recipient, days="1")
        assert answer.status == 200, answer
        return transfer_site.Browser(self.site).open(self.site.link(recipient), form={"file": "0"}).octets

    def count(self):
        return self.site.rows("SELECT COUNT(*) FROM upload")[0][0]


def assert_unchanged(scene, path, offset, answer, status):
    assert answer.status == status, answer
    assert scene.offset(path) == offset, "the upload was modified"


# --- core protocol


def head_tells_the_offset_also_at_the_start_and_at_the_end(scene):
    """HEAD: "MUST always include the Upload-Offset header [...] even if the offset is 0, or [...] completed"."""
    path = scene.begin(5)
    assert scene.head(path).headers["Upload-Offset"] == "0"
    scene.patch(path, 0, b"abcde")
    assert scene.head(path).headers["Upload-Offset"] == "5"


def head_tells_the_length(scene):
    """HEAD: "If the size of the upload is known, the Server MUST include the Upload-Length header"."""
    assert scene.head(scene.begin(12345)).headers["Upload-Length"] == "12345"


def head_is_not_to_be_cached(scene):
    """HEAD: "MUST prevent the client and/or proxies from caching the response [by] Cache-Control: no-store"."""
    assert scene.head(scene.begin(1)).headers["Cache-Control"] == "no-store"


def an_unknown_upload_has_no_offset(scene):
    """HEAD, PATCH: "404 Not Found [...] without the Upload-Offset header"."""
    for path in ("/uploads/" + "A" * 43, "/uploads/x", "/uploads/" + "A" * 500):
        for answer in (scene.head(path), scene.patch(path, 0, b"abc"), scene.tus("DELETE", path)):
            assert answer.status == 404 and answer.headers["Upload-Offset"] is None, (path, answer)
            assert answer.headers["Tus-Resumable"] == "1.0.0", answer


def patch_acknowledges_the_sum(scene):
    """PATCH: "204 No Content [...] the sum of the offset before the PATCH request and the number of bytes"."""
    octets, at = os.urandom(3 * CHUNK + 17), 0
    path = scene.begin(len(octets))
    for part in (1, 100, CHUNK - 101, CHUNK, 1, CHUNK - 2, 18):
        answer = scene.patch(path, at, octets[at:at + part])
        at += part
        assert answer.status == 204 and answer.headers["Upload-Offset"] == str(at), answer
        assert scene.offset(path) == at
    assert at == len(octets) and scene.fetched(path) == octets


def patch_needs_its_content_type(scene):
    """PATCH: "MUST use Content-Type: application/offset+octet-stream, otherwise [...] 415"."""
    path = scene.begin(3)
    for wrong in (None, "application/octet-stream", "text/plain", OFFSET_TYPE + "x"):
        assert_unchanged(scene, path, 0, scene.patch(path, 0, b"abc", content_type=wrong), 415)


def patch_at_another_offset_changes_nothing(scene):
    """PATCH: "If the offsets do not match, the Server MUST respond with the 409 Conflict status without modifying"."""
    path = scene.begin(10, b"abc")
    for wrong in (0, 2, 4, 7, 10, 11, 2**63 - 1, 2**64 + 3, "-3", "3.0", "+3", "0x3", "", "drei", None):
        assert_unchanged(scene, path, 3, scene.patch(path, wrong, b"defg"), 409)
    assert scene.patch(path, 3, b"defghij").status == 204 and scene.fetched(path) == b"abcdefghij"


def patch_takes_no_more_than_was_announced(scene):
    """Upload-Length "indicates the size of the entire upload": more is refused, and nothing of it stays."""
    path = scene.begin(10, b"abc")
    assert_unchanged(scene, path, 3, scene.patch(path, 3, b"x" * 8), 413)
    assert_unchanged(scene, path, 3, scene.patch(path, 3, (b"x" for _ in range(8))), 413)  # chunked
    assert scene.patch(path, 3, b"defghij").status == 204
    assert_unchanged(scene, path, 10, scene.patch(path, 10, b"k"), 413)
    assert scene.fetched(path) == b"abcdefghij"


def patch_may_come_in_chunks(scene):
    """Transfer-Encoding is HTTP's business: a part without a length counts like any other."""
    octets = os.urandom(2 * CHUNK + 1)
    path = scene.begin(len(octets))
    answer = scene.patch(path, 0, iter([octets[:70000], octets[70000:]]))
    assert answer.status == 204 and answer.headers["Upload-Offset"] == str(len(octets)), answer
    assert scene.fetched(path) == octets


def an_empty_patch_is_no_progress(scene):
    """PATCH: the new offset is the sum, also of nothing."""
    path = scene.begin(4, b"ab")
    answer = scene.patch(path, 2, b"")
    assert answer.status == 204 and answer.headers["Upload-Offset"] == "2", answer


def what_came_before_a_cut_is_kept(scene):
    """PATCH: "A Server SHOULD always attempt to store as much of the received data as possible"."""
    octets, at = os.urandom(2 * CHUNK), 0
    path = scene.begin(len(octets))
    for part in (10, 500, CHUNK, CHUNK - 600):
        with scene.site.connect() as line:
            line.send(request("PATCH", path, f"Upload-Offset: {at}", f"Content-Length: {len(octets) - at}"))
            line.send(octets[at:at + part])
        at += part
        transfer_site.wait_for(lambda: scene.offset(path) == at, "what was sent before the cut")
    assert scene.patch(path, at, octets[at:]).status == 204 and scene.fetched(path) == octets


def request(method, path, *lines):
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: localhost", "Tus-Resumable: 1.0.0",
                        f"Content-Type: {OFFSET_TYPE}", *lines, "", ""]).encode()


def a_second_connection_takes_over(scene):
    """PATCH: "Both Client and Server, SHOULD attempt to detect and handle network errors predictably"."""
    octets = os.urandom(10 * CHUNK)
    path = scene.begin(len(octets))
    with scene.site.connect() as old:
        old.send(request("PATCH", path, "Upload-Offset: 0", f"Content-Length: {len(octets)}"))
        dripping = threading.Thread(target=drip, args=(old, octets))
        dripping.start()
        offset = transfer_site.wait_for(lambda: scene.offset(path), "the first octets")
        assert scene.patch(path, offset, octets[offset:]).status == 204
        dripping.join()
    assert scene.fetched(path) == octets


def drip(line, octets):
    """Goes on until the server has had enough of it."""
    with contextlib.suppress(OSError):
        for at in range(len(octets)):
            line.send(octets[at:at + 1])
            time.sleep(0.01)


def every_answer_names_the_version(scene):
    """Tus-Resumable "MUST be included in every request and response, except for OPTIONS requests"."""
    path = scene.begin(3)
    answers = [scene.head(path), scene.patch(path, 9, b"abc"), scene.patch(path, 0, b"abc", content_type="text/plain"),
               scene.patch(path, 0, b"abcd"), scene.patch(path, 0, b"abc", upload_checksum=sha(b"abd")),
               scene.patch(path, 0, b"abc", upload_checksum="md5 abc="), scene.patch(path, 0, b"abc"),
               scene.create("many"), scene.create(2**40), scene.create(3, x_siegel_token="x"), scene.create(3),
               scene.tus("POST", path), scene.tus("DELETE", path), scene.tus("DELETE", path)]
    assert {answer.status for answer in answers} == {200, 201, 204, 400, 401, 404, 405, 409, 413, 415, 460}, answers
    assert all(answer.headers["Tus-Resumable"] == "1.0.0" for answer in answers), answers


def another_version_is_not_processed(scene):
    """Another version: "412 Precondition Failed [...] MUST include the Tus-Version header", "MUST NOT process"."""
    path, uploads = scene.begin(3, b"a"), scene.count()
    for wrong in ("0.2.2", "1.0", "1.0.1", "2.0.0", "", None):
        for answer in (scene.patch(path, 1, b"bc", tus_resumable=wrong), scene.head(path, tus_resumable=wrong),
                       scene.tus("DELETE", path, tus_resumable=wrong), scene.create(3, tus_resumable=wrong)):
            assert answer.status == 412 and answer.headers["Tus-Version"] == "1.0.0", (wrong, answer)
    assert scene.offset(path) == 1 and scene.count() == uploads


def options_tell_what_is_spoken(scene):
    """OPTIONS: "204 No Content or 200 OK [...] MUST contain the Tus-Version header", Tus-Resumable ignored."""
    for version in (None, "0.2.2", "1.0.0"):
        answer = scene.tus("OPTIONS", "/uploads", tus_resumable=version)
        assert answer.status == 204, answer
        assert answer.headers["Tus-Version"].split(",") == ["1.0.0"]
        assert set(answer.headers["Tus-Extension"].split(",")) == EXTENSIONS
        assert answer.headers["Tus-Max-Size"] == str(8 << 20)


def a_method_can_be_named_by_a_field(scene):
    """X-HTTP-Method-Override: "MUST be interpreted as the request's method [...] the actual method [...] ignored"."""
    for actual in ("POST", "PUT", "GET", "PATCH"):
        path = scene.begin(3)
        answer = scene.tus(actual, path, b"abc", upload_offset=0, content_type=OFFSET_TYPE,
                           x_http_method_override="PATCH")
        assert answer.status == 204 and answer.headers["Upload-Offset"] == "3", (actual, answer)
        answer = scene.tus(actual, path, x_http_method_override="HEAD")
        assert answer.status == 200 and answer.headers["Upload-Offset"] == "3", (actual, answer)
        assert scene.tus(actual, path, x_http_method_override="DELETE").status == 204, actual
        assert scene.head(path).status == 404


# --- creation


def creation_gives_a_url(scene):
    """POST: "201 Created [...] MUST set the Location header to the URL of the created resource"."""
    answer = scene.create(3)
    assert answer.status == 201 and answer.headers["Location"].startswith("/uploads/"), answer
    assert scene.offset(answer.headers["Location"]) == 0


def creation_needs_a_length(scene):
    """POST: Upload-Length "MUST be a non-negative integer"; creation-defer-length is not announced."""
    uploads = scene.count()
    for wrong in ("-1", "1.5", "1e3", "0x10", "+5", "5 5", "5,5", "", "viele", 2**63, 2**64, 10**30, None):
        answer = scene.create(wrong)
        assert answer.status == 400 and answer.headers["Location"] is None, (wrong, answer)
    assert scene.create(None, upload_defer_length="1").status == 400
    assert scene.count() == uploads


def creation_has_a_limit(scene):
    """POST: "If the length of the upload exceeds the maximum [...] the Server MUST respond with [...] 413"."""
    assert scene.create(8 << 20).status == 201
    for more in ((8 << 20) + 1, 1 << 40, 2**63 - 1):
        answer = scene.create(more)
        assert answer.status == 413 and answer.headers["Location"] is None, answer


def an_empty_file_is_complete_at_once(scene):
    """POST: a length of 0 is a length."""
    path = scene.begin(0)
    answer = scene.head(path)
    assert answer.headers["Upload-Offset"] == "0" and answer.headers["Upload-Length"] == "0", answer
    assert scene.fetched(path) == b""


def metadata_is_given_back(scene):
    """HEAD: "MUST include the Upload-Metadata header and its value as specified by the Client during the creation"."""
    for told in (metadata(filename="Größe.pdf", filetype="application/pdf"), "filename UGxhbg==,leer,auchleer ",
                 metadata(eigenes="äöü"), None):
        answer = scene.head(scene.begin(1, upload_metadata=told))
        expected = told.strip() if told else None
        assert answer.headers["Upload-Metadata"] == expected, (told, answer)


def metadata_that_is_broken_is_refused(scene):
    """Upload-Metadata: key and value "separated by a space", "MUST be Base64 encoded", "All keys MUST be unique"."""
    uploads = scene.count()
    for wrong in ("filename Plan.pdf", "filename UGxhbg", "filename UGxhbg==,filename UGxhbg==",
                  ",", "a UGxhbg==,,b UGxhbg==", "filename  UGxhbg==", "filename UGxh bg==", "a\x01 UGxhbg=="):
        answer = scene.create(1, upload_metadata=wrong)
        assert answer.status == 400 and answer.headers["Location"] is None, (wrong, answer)
    assert scene.count() == uploads


# --- creation-with-upload


def a_first_part_may_come_along(scene):
    """POST: "MUST include the Upload-Offset header" with what was taken of the part that came along."""
    octets = os.urandom(CHUNK + 5)
    for part in (0, 1, CHUNK, CHUNK + 5):
        answer = scene.create(len(octets), octets[:part])
        assert answer.status == 201 and answer.headers["Upload-Offset"] == str(part), answer
        path = answer.headers["Location"]
        assert scene.offset(path) == part
        if part < len(octets):
            assert scene.patch(path, part, octets[part:]).status == 204
        assert scene.fetched(path) == octets


def a_first_part_needs_its_content_type(scene):
    """POST: "Content-Type: application/offset+octet-stream" alone makes a body a part of the upload."""
    answer = scene.create(5, b"abcde", content_type="text/plain")
    assert answer.status == 201 and scene.offset(answer.headers["Location"]) == 0, answer


def a_first_part_may_not_be_too_long(scene):
    """POST: what is more than announced is refused as by PATCH."""
    answer = scene.create(3, b"abcd")
    assert answer.status == 413, answer
    if path := answer.headers["Location"]:
        assert scene.offset(path) == 0


def a_client_may_wait_for_the_go_ahead(scene):
    """POST: a Client may use "Expect: 100-continue", and hears at once if it may not upload at all."""
    fields = [f"Cookie: {scene.browser.cookies()}", "Expect: 100-continue", "Content-Length: 3", "Upload-Length: 3"]
    with scene.site.connect() as line:
        line.send(request("POST", "/uploads", *fields, f"X-Siegel-Token: {scene.browser.token}"))
        assert line.socket.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        answer = line.send(b"abc").answer()
        assert answer.status == 201 and answer.headers["Upload-Offset"] == "3", answer
    with scene.site.connect() as line:
        assert line.send(request("POST", "/uploads", *fields)).answer().status == 401


# --- expiration


def expiry_is_told(scene):
    """Upload-Expires "MUST be included in every PATCH response", and in that of POST; RFC 7231 datetime."""
    answer = scene.create(3)
    for answer in (answer, scene.patch(answer.headers["Location"], 0, b"ab"), scene.head(answer.headers["Location"])):
        text = answer.headers["Upload-Expires"]
        assert re.fullmatch(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT", text), text
        assert email.utils.parsedate_to_datetime(text).timestamp() > time.time() + 3600, text


def progress_puts_the_end_off(scene):
    """Upload-Expires "MAY change over time": who goes on with an upload does not lose it."""
    path = scene.begin(3)
    scene.site.rows("UPDATE upload SET expires = expires - 3600")
    before = scene.head(path).headers["Upload-Expires"]
    after = scene.patch(path, 0, b"a").headers["Upload-Expires"]
    moments = [email.utils.parsedate_to_datetime(text).timestamp() for text in (before, after)]
    assert moments[1] - moments[0] > 3000, (before, after)


def what_has_expired_is_gone(scene):
    """"the Server SHOULD respond with the 404 Not Found or 410 Gone status", and its octets are erased."""
    path = scene.begin(6, b"abc")
    file = scene.site.rows("SELECT file_id FROM upload ORDER BY rowid DESC LIMIT 1")[0][0]
    assert file in scene.site.vault()
    scene.site.rows("UPDATE upload SET expires = 1 WHERE file_id = ?", file)
    for answer in (scene.head(path), scene.patch(path, 3, b"def"), scene.tus("DELETE", path)):
        assert answer.status in (404, 410), answer
    scene.site.stop_portal()
    scene.site.start_portal()  # sweeps when it begins
    transfer_site.wait_for(lambda: file not in scene.site.vault(), "the sweep")


# --- checksum


def checksum_algorithms_are_named(scene):
    """Tus-Checksum-Algorithm in OPTIONS; "MUST support at least the SHA1 checksum algorithm", no uppercase."""
    names = scene.tus("OPTIONS", "/uploads").headers["Tus-Checksum-Algorithm"].split(",")
    assert "sha1" in names and all(re.fullmatch("[a-z0-9-]+", name) for name in names), names
    for name in names:
        path = scene.begin(3)
        assert scene.patch(path, 0, b"abc", upload_checksum=sha(b"abc", name)).status == 204
        assert_unchanged(scene, path := scene.begin(3), 0,
                         scene.patch(path, 0, b"abc", upload_checksum=sha(b"abd", name)), 460)


def a_wrong_checksum_discards_the_part(scene):
    """460: "the uploaded chunk MUST be discarded, and the upload and its offset MUST NOT be updated"."""
    octets = os.urandom(2 * CHUNK + 100)
    for begun in (0, 7, CHUNK, CHUNK + 7):
        path = scene.begin(len(octets), octets[:begun])
        broken = bytes([octets[begun] ^ 1]) + octets[begun + 1:]
        for part in (broken, broken[:10], broken[:CHUNK]):
            answer = scene.patch(path, begun, part, upload_checksum=sha(octets[begun:begun + len(part)]))
            assert_unchanged(scene, path, begun, answer, 460)
        answer = scene.patch(path, begun, octets[begun:], upload_checksum=sha(octets[begun:]))
        assert answer.status == 204 and scene.fetched(path) == octets


def a_checksum_that_is_not_understood_discards_the_part(scene):
    """400 "if the checksum algorithm is not supported by the server": the chunk is discarded, too."""
    path = scene.begin(3)
    right = base64.b64encode(hashlib.sha1(b"abc").digest()).decode()
    for wrong in ("md5 kAFQmDzST7DWlj99KOF/cg==", f"sha1{right}", f"sha1 {right[:-4]}", f"sha256 {right}", "sha1 ",
                  f"sha1  {right}", "crc32 1234", right, "sha1 äöü", ""):
        answer = scene.patch(path, 0, b"abc", upload_checksum=wrong.encode("utf-8").decode("latin-1"))
        assert_unchanged(scene, path, 0, answer, 400)


def a_checksum_counts_at_creation(scene):
    """The checksum of a part that comes along with POST is looked at like any other."""
    answer = scene.create(3, b"abc", upload_checksum=sha(b"abd"))
    assert answer.status == 460, answer
    if path := answer.headers["Location"]:
        assert scene.offset(path) == 0
    assert scene.create(3, b"abc", upload_checksum=sha(b"abc")).headers["Upload-Offset"] == "3"


def a_part_that_breaks_off_before_its_checksum_is_discarded(scene):
    """What cannot be checked is not kept: "Only if the checksums match" is it part of the upload."""
    octets = os.urandom(2 * CHUNK)
    path = scene.begin(len(octets), octets[:100])
    line = scene.site.connect()
    line.send(request("PATCH", path, "Upload-Offset: 100", f"Content-Length: {len(octets) - 100}",
                      f"Upload-Checksum: {sha(octets[100:])}"))
    line.send(octets[100:CHUNK + 200])
    line.cut()
    assert scene.offset(path) == 100
    assert scene.patch(path, 100, octets[100:]).status == 204 and scene.fetched(path) == octets


# --- termination


def termination_frees_what_was_kept(scene):
    """DELETE: "SHOULD free associated resources and MUST respond with the 204 No Content status"; then 404 or 410."""
    for length, octets in ((6, b"abc"), (3, b"abc"), (3, b""), (0, None)):
        before = scene.site.vault()
        path = scene.begin(length, octets)
        assert scene.tus("DELETE", path).status == 204
        for answer in (scene.head(path), scene.patch(path, len(octets or b""), b"x"), scene.tus("DELETE", path)):
            assert answer.status in (404, 410), answer
        assert scene.site.vault() == before


CASES = [head_tells_the_offset_also_at_the_start_and_at_the_end, head_tells_the_length, head_is_not_to_be_cached,
         an_unknown_upload_has_no_offset, patch_acknowledges_the_sum, patch_needs_its_content_type,
         patch_at_another_offset_changes_nothing, patch_takes_no_more_than_was_announced, patch_may_come_in_chunks,
         an_empty_patch_is_no_progress, what_came_before_a_cut_is_kept, a_second_connection_takes_over,
         every_answer_names_the_version, another_version_is_not_processed, options_tell_what_is_spoken,
         a_method_can_be_named_by_a_field, creation_gives_a_url, creation_needs_a_length, creation_has_a_limit,
         an_empty_file_is_complete_at_once, metadata_is_given_back, metadata_that_is_broken_is_refused,
         a_first_part_may_come_along, a_first_part_needs_its_content_type, a_first_part_may_not_be_too_long,
         a_client_may_wait_for_the_go_ahead, expiry_is_told, progress_puts_the_end_off, what_has_expired_is_gone,
         checksum_algorithms_are_named, a_wrong_checksum_discards_the_part,
         a_checksum_that_is_not_understood_discards_the_part, a_checksum_counts_at_creation,
         a_part_that_breaks_off_before_its_checksum_is_discarded, termination_frees_what_was_kept]


def main():
    transfer_site.play(Scene, CASES, "siegel-tus-")


if __name__ == "__main__":
    main()
