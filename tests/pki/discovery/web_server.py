"""An HTTPS server that gives out a folder, and a proxy that connects to it whatever host is asked for.

Some local parts (the query's "l") get another treatment: `umleitung` is sent to another host, `riese` gets
100,000 octets, `stumm` no answer. One line on standard output for each request."""

import http.server
import socket
import ssl
import sys
import threading
import urllib.parse

PORT, PROXY_PORT = int(sys.argv[1]), int(sys.argv[2])
CERTIFICATE, KEY, ROOT = sys.argv[3:6]


class Handler(http.server.SimpleHTTPRequestHandler):
    def __init__(self, *args):
        super().__init__(*args, directory=ROOT)

    def do_GET(self):
        parts = urllib.parse.urlsplit(self.path)
        local = urllib.parse.parse_qs(parts.query).get("l", [""])[0]
        print("GET", self.headers["Host"], parts.path, local, flush=True)
        if local == "umleitung":
            self.send_response(302)
            self.send_header("Location", "https://anderswo.example/")
            self.end_headers()
        elif local == "riese":
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"x" * 100000)
        elif local == "stumm":
            threading.Event().wait(60)
        else:
            super().do_GET()

    def log_message(self, *_):
        pass


class TlsServer(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def finish_request(self, request, client_address):
        try:
            tls = CONTEXT.wrap_socket(request, server_side=True)
            self.RequestHandlerClass(tls, client_address, self)
            tls.unwrap()
        except OSError:
            pass  # the client does not like us, as some tests want it to


def pipe(source, target):
    try:
        while octets := source.recv(65536):
            target.sendall(octets)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def forward(client):
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        octets = client.recv(1)
        if not octets:
            return
        head += octets
    print(head.split(b"\r\n")[0].decode(), flush=True)
    server = socket.create_connection(("127.0.0.1", PORT))
    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
    threading.Thread(target=pipe, args=(server, client), daemon=True).start()
    pipe(client, server)


def proxy():
    listener = socket.create_server(("127.0.0.1", PROXY_PORT))
    while True:
        threading.Thread(target=forward, args=(listener.accept()[0],), daemon=True).start()


CONTEXT = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
CONTEXT.load_cert_chain(CERTIFICATE, KEY)
threading.Thread(target=proxy, daemon=True).start()
TlsServer(("127.0.0.1", PORT), Handler).serve_forever()
