"""A whole site for the browser tests: relay, portal, clamd. Prints what it is as one line of JSON, then obeys lines
of JSON and answers each with one; ends with its input."""

import json
import pathlib
import signal
import sqlite3
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "interop"))

import transfer_site

PATIENCE = 180


def move_behind_line(site):
    """Browsers reach it by another port, where the tests have a line that they can cut."""
    port = transfer_site.free_port()
    url = f"https://localhost:{port}"
    config = site.root / "siegel.yaml"
    config.write_text(config.read_text().replace(site.url, url))
    site.url = url
    return port


def mail(site, folder, words, signed=False):
    """The text of the newest mail with these words; `signed`: openssl has to find its signature good."""
    file, text = site.mail(folder, *words, seconds=PATIENCE)
    if signed:
        site.verified(file)
    return text


def send(site, text, sender, recipient):
    """A mail of one of us, by the relay's side inside."""
    site.send_mail(text.replace("\n", "\r\n").encode(), sender, recipient)


def restart_portal(site):
    site.stop_portal(kill=True)
    site.start_portal()


def expire_uploads(site):
    """As if the time of all unfinished uploads were over."""
    with sqlite3.connect(site.root / "transfer" / "transfer.db", timeout=PATIENCE) as database:
        database.execute("UPDATE upload SET expires = 1")


COMMANDS = {"mail": mail, "send": send, "restart_portal": restart_portal, "expire_uploads": expire_uploads}


def obey(site, line):
    order = json.loads(line)
    try:
        return {"answer": COMMANDS[order.pop("do")](site, **order)}
    except AssertionError as error:
        return {"error": str(error)}


def say(what):
    print(json.dumps(what), flush=True)


def main(programs, limits=""):
    # Killed with its whole group, it still stops what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    with tempfile.TemporaryDirectory(prefix="siegel-site-") as folder:
        site = transfer_site.TransferSite(pathlib.Path(folder) / "site", programs, limits)
        line_port = move_behind_line(site)
        try:
            site.start_all()
            say({"url": site.url, "root": str(site.root), "portal_port": site.portal_port, "line_port": line_port})
            for line in sys.stdin:
                say(obey(site, line))
        finally:
            site.stop_all()


main(*sys.argv[1:])
