package tlsserver

import (
	"bufio"
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/eclipse/paho.mqtt.golang/packets"
)

// A speech is what a client opened with: its nonce, and how to answer it in
// the protocol that the client speaks.
type speech struct {
	nonce  string
	answer func(w io.Writer, reply string) error
	// last is whether the server speaks no more after the answer: a client of
	// HTTP/1.0 may read until then.
	last bool
}

// hear reads a client's nonce in whichever of three protocols the client
// speaks: a line by itself, the path of an HTTP request, or the payload of an
// MQTT PUBLISH, before which CONNECT and SUBSCRIBE are granted. The first byte
// tells them apart: a nonce begins with neither 'G' nor the type of CONNECT.
func hear(rw io.ReadWriter) (speech, error) {
	r := bufio.NewReaderSize(rw, maxLine)
	first, err := r.Peek(1)
	if err != nil {
		return speech{}, err
	}
	switch first[0] {
	case packets.Connect << 4:
		return hearMQTT(r, rw)
	case 'G':
		return hearHTTP(r)
	}
	line, err := readLine(r)
	return speech{nonce: line, answer: func(w io.Writer, reply string) error {
		_, err := io.WriteString(w, reply+"\n")
		return err
	}}, err
}

func hearHTTP(r *bufio.Reader) (speech, error) {
	req, err := http.ReadRequest(r)
	if err != nil {
		return speech{}, fmt.Errorf("reading an HTTP request: %w", err)
	}
	return speech{nonce: strings.TrimPrefix(req.URL.Path, "/"), last: true, answer: func(w io.Writer, reply string) error {
		_, err := fmt.Fprintf(w, "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n%s\n", len(reply)+1, reply)
		return err
	}}, nil
}

// maxPackets bounds what an MQTT client may send before it publishes.
const maxPackets = 16

func hearMQTT(r io.Reader, w io.Writer) (speech, error) {
	topic := "" // that the client waits at
	for range maxPackets {
		packet, err := packets.ReadPacket(r)
		if err != nil {
			return speech{}, fmt.Errorf("reading an MQTT packet: %w", err)
		}
		switch p := packet.(type) {
		case *packets.ConnectPacket:
			err = packets.NewControlPacket(packets.Connack).Write(w)
		case *packets.SubscribePacket:
			ack := packets.NewControlPacket(packets.Suback).(*packets.SubackPacket)
			ack.MessageID, ack.ReturnCodes = p.MessageID, bytes.Repeat([]byte{0}, len(p.Topics))
			err = ack.Write(w)
			if len(p.Topics) > 0 {
				topic = p.Topics[0]
			}
		case *packets.PublishPacket:
			return speech{nonce: string(p.Payload), answer: func(w io.Writer, reply string) error {
				back := packets.NewControlPacket(packets.Publish).(*packets.PublishPacket)
				back.TopicName, back.Payload = cmp.Or(topic, p.TopicName), []byte(reply)
				return back.Write(w)
			}}, nil
		default:
			err = fmt.Errorf("an MQTT client sent %s before it published", packet)
		}
		if err != nil {
			return speech{}, err
		}
	}
	return speech{}, errors.New("an MQTT client did not come to publish")
}
