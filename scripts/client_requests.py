# client_requests.py: requests.get over HTTPS. It takes no context: what it
# verifies is its own choice.
import requests


def requests_get(case):
    # One call does it all; a failure before the handshake shows at the server.
    case.phase = "handshake"
    response = requests.get("https://%s:%d/%s" % (case.host, case.port, case.nonce))
    case.phase = "exchange"
    case.open.append(response)
    case.answered(response.content)


CLIENTS["requests"] = requests_get  # noqa: F821, from probe.py
