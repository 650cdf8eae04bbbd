"""app.py - a Python program that knows nothing of Isthmus: app HOST PORT"""
import encodings.idna  # it is asked for at run time, when no file is there to be imported
import http.client
import socket
import sys

from wit_world import exports


def main(host, port):
    with socket.create_connection((host, port)) as s:
        s.sendall(b'GET / HTTP/1.0\r\n\r\n')
        print('socket:', s.makefile('rb').readline().decode().strip())
    connection = http.client.HTTPConnection(host, port)
    for path in '/big', '/missing':
        connection.request('GET', path)
        response = connection.getresponse()
        print('http.client:', response.status, len(response.read()))


class Run(exports.Run):
    def run(self):
        try:
            main(sys.argv[1], int(sys.argv[2]))
        except OSError as error:
            print(f'{type(error).__name__}: {error}')
            sys.stdout.flush()
            sys.exit(1)
