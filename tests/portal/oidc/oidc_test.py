"""Sign-in by OpenID Connect against oidc-provider: oidc_test.py PROGRAMS SOURCE"""

import contextlib
import html
import http.cookiejar
import json
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import unittest
import urllib.parse
import urllib.request

programs, source = (pathlib.Path(argument).resolve() for argument in sys.argv[1:3])
sys.path.insert(0, str(source / "tests" / "interop"))
import transfer_site  # noqa: E402

SECRET = "drei Worte: a+b%"
FAILED = "Dienstkonto ist nicht möglich"


class Provider:
    """The issuer: a process of its own."""

    def __init__(self, site, *words):
        here = pathlib.Path(__file__).resolve().parent
        self.process = subprocess.Popen(
            ["node", here / "provider.mjs", site.root / "portal.pem", site.root / "portal.key",
             f"{site.url}/sign-in/oidc", *words],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.port = json.loads(self.process.stdout.readline())["port"]
        self.issuer = f"https://localhost:{self.port}"

    def stop(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(timeout=60)


class Portal(transfer_site.TransferSite):
    """Without relay and clamd, which nobody here needs."""

    def __init__(self, root):
        super().__init__(root, programs)
        self.plain_config = (self.root / "siegel.yaml").read_text()
        self.secret = self.root / "oidc.secret"
        self.write_secret(SECRET)

    def write_secret(self, text):
        self.secret.write_text(text + "\n")
        self.secret.chmod(0o600)

    def configure(self, issuer, algorithm="RS256", ca_file="portal.pem"):
        (self.root / "siegel.yaml").write_text(
            f"{self.plain_config}  oidc:\n    issuer: {issuer}\n    client_id: siegel-{algorithm}\n"
            f"    client_secret: {self.secret}\n    ca_file: {self.root / ca_file}\n")

    def reload(self):
        before = self.log().count("event=reloaded")
        self.portal.send_signal(signal.SIGHUP)
        transfer_site.wait_for(lambda: self.log().count("event=reloaded") > before, "the new configuration")

    def restart(self):
        self.stop_portal()
        self.start_portal()

    def log(self):
        return (self.root / "portal.log").read_text()


class NoRedirection(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Walker(transfer_site.Browser):
    """A browser that goes step by step, so that a test can turn elsewhere."""

    def __init__(self, site):
        super().__init__(site)
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=transfer_site.ssl.create_default_context(
                cafile=str(site.root / "portal.pem"))),
            urllib.request.HTTPCookieProcessor(self.jar), NoRedirection())

    def walk(self, path, form=None):
        """Follows redirections up to the one that leads back to the portal: (status, place, text)."""
        place = urllib.parse.urljoin(self.site.url, path)
        while True:
            status, head, octets = self.open(place, form=form)
            if status not in (302, 303):
                return status, place, octets.decode()
            place, form = urllib.parse.urljoin(place, head["Location"]), None
            if place.startswith(f"{self.site.url}/sign-in/oidc?"):
                return status, place, ""

    def begin(self):
        """Up to the issuer's own form."""
        self.open("/sign-in")
        return self.walk("/sign-in/oidc", form={"csrf": self.token})

    def fill(self, text, **fields):
        action = html.unescape(re.search(r'action="([^"]+)"', text).group(1))
        prompt = re.search(r'name="prompt" value="(\w+)"', text).group(1)
        return self.walk(action, form={"prompt": prompt, **fields})

    def sign_in_as(self, login):
        """Up to the address with which the issuer sends the browser back."""
        status, place, text = self.begin()
        while status == 200:
            fields = {"login": login, "password": "x"} if 'name="login"' in text else {}
            status, place, text = self.fill(text, **fields)
        assert "code=" in place, f"the issuer answers {status}: {text[-400:]}"
        return place

    def user(self):
        status, _, octets = self.open("/new")
        found = re.search(r"[\w.]+@[\w.]+", octets.decode()) if status == 200 else None
        return found and found.group(0)


def changed(place, **values):
    """The address with some of its parameters replaced, or without those that are None."""
    address = urllib.parse.urlsplit(place)
    query = {**dict(urllib.parse.parse_qsl(address.query)), **values}
    query = {name: value for name, value in query.items() if value is not None}
    return urllib.parse.urlunsplit(address._replace(query=urllib.parse.urlencode(query)))


class OidcTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.stack = contextlib.ExitStack()
        cls.addClassCleanup(cls.stack.close)
        folder = cls.stack.enter_context(tempfile.TemporaryDirectory(prefix="siegel-oidc-"))
        cls.site = Portal(pathlib.Path(folder) / "site")
        cls.provider = Provider(cls.site)
        cls.stack.callback(cls.provider.stop)
        cls.site.configure(cls.provider.issuer)
        cls.site.start_portal()
        cls.stack.callback(cls.site.stop_portal)

    def use(self, **settings):
        self.site.configure(**{"issuer": self.provider.issuer, **settings})
        self.site.reload()
        self.addCleanup(self.use_again)

    def use_again(self):
        self.site.write_secret(SECRET)
        self.site.configure(self.provider.issuer)
        self.site.restart()

    def assert_failed(self, answer, status, words):
        self.assertEqual(answer[0], status)
        text = html.unescape(answer[2] if isinstance(answer[2], str) else answer[2].decode())
        self.assertIn(FAILED, text)
        self.assertIn(words, text)
        self.assertIn('href="/sign-in"', text)

    # --- what shall work

    def test_whom_the_issuer_vouches_for_is_signed_in(self):
        walker = Walker(self.site)
        self.assertIsNone(walker.user())
        place = walker.sign_in_as("anna")
        status, head, _ = walker.open(place)
        self.assertEqual((status, head["Location"]), (303, "/new"))
        cookie = head["Set-Cookie"]
        for part in ("__Host-session=", "Secure", "HttpOnly", "SameSite=Lax"):
            self.assertIn(part, cookie)
        self.assertEqual(walker.user(), "anna@stadt.example")

    def test_each_kind_of_signature(self):
        for algorithm in ("PS256", "ES256"):
            with self.subTest(algorithm):
                self.use(algorithm=algorithm)
                walker = Walker(self.site)
                walker.open(walker.sign_in_as("anna"))
                self.assertEqual(walker.user(), "anna@stadt.example")

    def test_an_address_in_the_id_token_itself(self):
        provider = Provider(self.site, "in-id-token")
        self.addCleanup(provider.stop)
        self.use(issuer=provider.issuer)
        walker = Walker(self.site)
        walker.open(walker.sign_in_as("anna"))
        self.assertEqual(walker.user(), "anna@stadt.example")

    def test_only_the_page_with_the_button_may_lead_to_the_issuer(self):
        browser = transfer_site.Browser(self.site)
        _, head, octets = browser.open("/sign-in")
        self.assertIn(b'action="/sign-in/oidc"', octets)
        self.assertIn(f"form-action 'self' {self.provider.issuer}", head["Content-Security-Policy"])
        _, head, _ = browser.open("/receipt")
        self.assertNotIn(self.provider.issuer, head["Content-Security-Policy"])

    def test_without_the_setting_there_is_nothing(self):
        (self.site.root / "siegel.yaml").write_text(self.site.plain_config)
        self.site.reload()
        self.addCleanup(self.use_again)
        browser = transfer_site.Browser(self.site)
        _, head, octets = browser.open("/sign-in")
        self.assertNotIn(b"/sign-in/oidc", octets)
        self.assertNotIn("localhost", head["Content-Security-Policy"])
        self.assertEqual(browser.post("/sign-in/oidc")[0], 404)
        self.assertEqual(browser.open("/sign-in/oidc?code=x&state=y")[0], 404)

    # --- who is not let in

    def test_an_address_that_is_not_verified(self):
        walker = Walker(self.site)
        self.assert_failed(walker.open(walker.sign_in_as("neu")), 403, "keine bestätigte E-Mail-Adresse")
        self.assertIsNone(walker.user())

    def test_no_address_at_all(self):
        walker = Walker(self.site)
        self.assert_failed(walker.open(walker.sign_in_as("ohne")), 403, "keine bestätigte E-Mail-Adresse")

    def test_an_address_of_somebody_elses_domain(self):
        walker = Walker(self.site)
        self.assert_failed(walker.open(walker.sign_in_as("gast")), 403, "gehört nicht zu unserem Haus")
        self.assertIsNone(walker.user())

    def test_who_cancels_at_the_issuer(self):
        walker = Walker(self.site)
        _, _, text = walker.begin()
        abort = html.unescape(re.search(r'href="([^"]+/abort)"', text).group(1))
        _, place, _ = walker.walk(abort)
        self.assertIn("error=access_denied", place)
        self.assert_failed(walker.open(place), 403, "abgebrochen")

    def test_the_way_back_works_once(self):
        walker = Walker(self.site)
        place = walker.sign_in_as("anna")
        self.assertEqual(walker.open(place)[0], 303)
        self.assert_failed(walker.open(place), 403, "abgebrochen")

    def test_the_way_back_works_in_no_other_browser(self):
        walker, other = Walker(self.site), Walker(self.site)
        place = walker.sign_in_as("anna")
        other.open("/sign-in")
        self.assert_failed(other.open(place), 403, "in einem anderen Browser")
        self.assertIsNone(other.user())
        self.assertEqual(walker.open(place)[0], 303, "and the attempt uses nothing up")

    def test_the_code_of_another_sign_in(self):
        """Somebody who has a code of his own must not sign in a victim as himself, nor the other way round."""
        attacker, victim = Walker(self.site), Walker(self.site)
        code = urllib.parse.parse_qs(urllib.parse.urlsplit(attacker.sign_in_as("anna")).query)["code"][0]
        place = victim.sign_in_as("gast")
        self.assert_failed(victim.open(changed(place, code=code)), 403, "abgebrochen")

    def test_what_does_not_fit_the_question(self):
        for values in ({"state": "x"}, {"state": None}, {"code": "x"}, {"code": None}, {"iss": None},
                       {"iss": "https://other.example"}):
            with self.subTest(values):
                walker = Walker(self.site)
                place = changed(walker.sign_in_as("anna"), **values)
                self.assert_failed(walker.open(place), 403, "abgebrochen")
                self.assertIsNone(walker.user())

    def test_a_form_of_another_site(self):
        browser = transfer_site.Browser(self.site)
        browser.open("/sign-in")
        self.assertEqual(browser.open("/sign-in/oidc", form={"csrf": "x"})[0], 403)

    # --- trouble with the issuer

    def test_an_issuer_that_is_away(self):
        provider = Provider(self.site)
        self.use(issuer=provider.issuer)
        walker = Walker(self.site)
        place = walker.sign_in_as("anna")
        provider.stop()
        self.assert_failed(walker.open(place), 503, "antwortet zurzeit nicht")
        self.site.restart()
        self.assert_failed(walker.begin(), 503, "antwortet zurzeit nicht")

    def test_an_issuer_that_says_nothing(self):
        with socket.create_server(("127.0.0.1", 0)) as silent:
            self.use(issuer=f"https://localhost:{silent.getsockname()[1]}")
            self.assert_failed(Walker(self.site).begin(), 503, "antwortet zurzeit nicht")
        self.assertIn("no complete answer within", self.site.log())

    def test_an_issuer_whose_certificate_is_not_believed(self):
        self.use(ca_file="authority/ca.pem")
        self.site.restart()
        self.assert_failed(Walker(self.site).begin(), 503, "antwortet zurzeit nicht")
        self.assertIn("check transfer.oidc.ca_file", self.site.log())

    def test_an_issuer_of_another_name(self):
        self.use(issuer=f"https://localhost:{self.provider.port}/")
        self.assert_failed(Walker(self.site).begin(), 503, "antwortet zurzeit nicht")
        self.assertIn("the issuer calls itself", self.site.log())

    def test_a_wrong_secret_is_an_alarm(self):
        self.site.write_secret("falsch")
        self.use()
        walker = Walker(self.site)
        self.assert_failed(walker.open(walker.sign_in_as("anna")), 503, "antwortet zurzeit nicht")
        self.assertIn("the issuer does not take our client_id and client_secret", self.site.log())

    def test_settings_that_cannot_work_are_refused_at_the_reload(self):
        self.site.secret.chmod(0o644)
        self.addCleanup(self.use_again)
        self.site.portal.send_signal(signal.SIGHUP)
        transfer_site.wait_for(lambda: "can be read by others" in self.site.log(), "the refusal")
        walker = Walker(self.site)
        self.assertEqual(walker.begin()[0], 200, "what was in force still is")

    # --- what is written down

    def test_the_log_holds_no_secret(self):
        walker = Walker(self.site)
        place = walker.sign_in_as("anna")
        walker.open(place)
        walker.open(place)
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(place).query)
        session = next(cookie.value for cookie in walker.jar if cookie.name == "__Host-session")
        log = self.site.log()
        self.assertIn("event=", log)
        for secret in (query["code"][0], query["state"][0], session, SECRET, "eyJ"):
            self.assertNotIn(secret, log)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
