package tlsserver

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"testing"
	"testing/iotest"

	"github.com/eclipse/paho.mqtt.golang/packets"
)

// stream is a client's bytes, one at a time, and what is written to it.
type stream struct {
	io.Reader
	bytes.Buffer
}

func (s *stream) Read(p []byte) (int, error) { return s.Reader.Read(p) }

func say(data []byte) *stream {
	return &stream{Reader: iotest.OneByteReader(bytes.NewReader(data))}
}

func mqtt(t *testing.T, list ...packets.ControlPacket) []byte {
	t.Helper()
	var b bytes.Buffer
	for _, p := range list {
		if err := p.Write(&b); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

func TestHearLine(t *testing.T) {
	for _, line := range []string{"00ff\n", "00ff\r\n"} {
		s := say([]byte(line))
		got, err := hear(s)
		if err != nil || got.nonce != "00ff" {
			t.Fatalf("hear(%q) = %q, %v", line, got.nonce, err)
		}
		if err := got.answer(s, "11"); err != nil || s.String() != "11\n" {
			t.Errorf("answered %q, %v", s.String(), err)
		}
	}
}

func TestHearHTTP(t *testing.T) {
	s := say([]byte("GET /00ff HTTP/1.0\r\nHost: api.example.com\r\n\r\n"))
	got, err := hear(s)
	if err != nil || got.nonce != "00ff" {
		t.Fatalf("hear = %q, %v", got.nonce, err)
	}
	if err := got.answer(s, "11"); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(bufio.NewReader(&s.Buffer), nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil || string(body) != "11\n" {
		t.Errorf("body %q, %v", body, err)
	}
}

func TestHearMQTT(t *testing.T) {
	connect := packets.NewControlPacket(packets.Connect).(*packets.ConnectPacket)
	connect.ProtocolName, connect.ProtocolVersion, connect.CleanSession, connect.ClientIdentifier = "MQTT", 4, true, "camera"
	subscribe := packets.NewControlPacket(packets.Subscribe).(*packets.SubscribePacket)
	subscribe.MessageID, subscribe.Topics, subscribe.Qoss = 7, []string{"trustrig/reply"}, []byte{0}
	publish := packets.NewControlPacket(packets.Publish).(*packets.PublishPacket)
	publish.TopicName, publish.Payload = "trustrig", []byte("00ff")

	s := say(mqtt(t, connect, subscribe, publish))
	got, err := hear(s)
	if err != nil || got.nonce != "00ff" {
		t.Fatalf("hear = %q, %v", got.nonce, err)
	}
	if err := got.answer(s, "11"); err != nil {
		t.Fatal(err)
	}
	connack, err := packets.ReadPacket(&s.Buffer)
	if p, ok := connack.(*packets.ConnackPacket); !ok || p.ReturnCode != packets.Accepted {
		t.Fatalf("first %v, %v; want CONNACK", connack, err)
	}
	suback, err := packets.ReadPacket(&s.Buffer)
	if p, ok := suback.(*packets.SubackPacket); !ok || p.MessageID != 7 || len(p.ReturnCodes) != 1 {
		t.Fatalf("then %v, %v; want SUBACK of 7", suback, err)
	}
	back, err := packets.ReadPacket(&s.Buffer)
	if p, ok := back.(*packets.PublishPacket); !ok || p.TopicName != "trustrig/reply" || string(p.Payload) != "11" {
		t.Fatalf("last %v, %v; want PUBLISH of 11", back, err)
	}
}

func TestHearRefuses(t *testing.T) {
	ping := packets.NewControlPacket(packets.Pingresp)
	connect := packets.NewControlPacket(packets.Connect)
	for name, data := range map[string][]byte{
		"nothing":          nil,
		"half a line":      []byte("00ff"),
		"an endless line":  bytes.Repeat([]byte("0"), 1<<20),
		"half a request":   []byte("GET /00ff HTTP/1.0\r\n"),
		"connect, no more": mqtt(t, connect),
		"no publish":       mqtt(t, connect, ping),
		"endless connects": bytes.Repeat(mqtt(t, connect), 100),
	} {
		if got, err := hear(say(data)); err == nil {
			t.Errorf("%s: heard %q", name, got.nonce)
		}
	}
}
