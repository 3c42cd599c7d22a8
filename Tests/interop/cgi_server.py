#!/usr/bin/env python3
"""A web server for one CGI program (RFC 3875), on loopback, for tests.

Usage: cgi_server.py PROGRAM       prints its port, and answers until standard input ends

The program gets the connection itself as standard input, which stays open after the request, as
RFC 3875 section 4.2 allows. Unlike Python's own server this one sends the program's Status.
"""
import http.server
import os
import subprocess
import sys
import threading


class Handler(http.server.BaseHTTPRequestHandler):
    rbufsize = 0

    def do_POST(self):
        environment = dict(
            os.environ, GATEWAY_INTERFACE="CGI/1.1", SERVER_PROTOCOL="HTTP/1.0", REQUEST_METHOD="POST",
            CONTENT_LENGTH=self.headers["Content-Length"], CONTENT_TYPE=self.headers["Content-Type"] or "",
            SCRIPT_NAME=self.path, QUERY_STRING="", REMOTE_ADDR=self.client_address[0])
        answer = subprocess.run(sys.argv[1], env=environment, stdin=self.rfile, stdout=subprocess.PIPE, check=False)
        head, _, body = answer.stdout.partition(b"\n\n")
        fields = dict(line.split(": ", 1) for line in head.decode().splitlines())
        status = fields.pop("Status", "200 OK" if answer.returncode == 0 else "500 Internal Server Error")
        self.send_response_only(int(status[:3]), status[4:])
        for name, value in fields.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
print(server.server_port, flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()
