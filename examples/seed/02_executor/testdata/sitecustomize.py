# Python imports this first where PYTHONPATH names its directory: the names of the sites lead to the server of the test.
import os
import socket

lookup = socket.getaddrinfo
address, port = os.environ["SITES"].rsplit(":", 1)
known = {"www.foxnews.com", "www.cnn.com", "europe.wsj.com", "www.bbc.co.uk"}


def getaddrinfo(host, _, *args, **keys):
    if host not in known:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    return lookup(address, port, *args, **keys)


socket.getaddrinfo = getaddrinfo
