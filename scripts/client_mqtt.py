# client_mqtt.py: an MQTT 3.1.1 round trip over TLS: CONNECT, SUBSCRIBE to a
# topic of one's own for the answer, PUBLISH the nonce, and wait for what comes.
import ssl


def mqtt(case):
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    case.require(ctx)
    case.load(ctx)
    sock = case.connect()
    stream = ctx.wrap_socket(sock, server_hostname=case.host)
    case.open.append(stream)
    case.phase = "exchange"
    topic = "trustrig/" + case.nonce
    # Protocol level 4, clean session, keep-alive of 60 s.
    mqtt_send(stream, 0x10, mqtt_field("MQTT") + b"\x04\x02\x00\x3c" + mqtt_field(case.nonce[:20]))
    mqtt_expect(stream, 0x20)
    mqtt_send(stream, 0x82, b"\x00\x01" + mqtt_field(topic + "/reply") + b"\x00")
    mqtt_expect(stream, 0x90)
    mqtt_send(stream, 0x30, mqtt_field(topic) + case.nonce.encode())
    body = mqtt_expect(stream, 0x30)
    case.answered(body[2 + (body[0] << 8 | body[1]) :])


def mqtt_field(text):
    return bytes((len(text) >> 8, len(text) & 255)) + text.encode()


def mqtt_send(stream, kind, body):
    # Every packet here is shorter than 128 bytes: one byte of length.
    stream.write(bytes((kind, len(body))) + body)


def mqtt_expect(stream, kind):
    head = stream.read(2)
    if not head or len(head) < 2 or head[0] & 0xF0 != kind & 0xF0:
        raise OSError("MQTT: expected packet %d, got %s" % (kind >> 4, head))
    return stream.read(head[1])


CLIENTS["mqtt"] = mqtt  # noqa: F821, from probe.py
