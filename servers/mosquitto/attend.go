package mosquitto

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"net/netip"
	"strings"
	"time"

	mqtt "github.com/eclipse/paho.mqtt.golang"

	"trustrig/servers/stack"
)

// Clients publish to topics of their own under prefix, and subscribe to the
// answer beneath.
const (
	prefix    = "trustrig/"
	answer    = "/reply"
	patience  = 5 * time.Second
	fenceMark = "fence-"
)

// attend subscribes to what clients publish and answers each.
func attend(ctx context.Context, control netip.AddrPort, tell func(stack.Event)) (func() error, error) {
	c := mqtt.NewClient(options(control, "trustrig-rig"))
	if err := finish(ctx, c.Connect()); err != nil {
		return nil, fmt.Errorf("connecting to Mosquitto: %w", err)
	}
	stop := func() error {
		c.Disconnect(0)
		return nil
	}
	heard := func(c mqtt.Client, m mqtt.Message) {
		said := string(m.Payload())
		if strings.HasPrefix(said, fenceMark) {
			tell(stack.Event{Token: said})
			return
		}
		var b [16]byte
		rand.Read(b[:]) // never fails
		reply := hex.EncodeToString(b[:])
		tell(stack.Event{Received: said, Reply: reply})
		c.Publish(m.Topic()+answer, 0, false, reply)
	}
	if err := finish(ctx, c.Subscribe(prefix+"+", 0, heard)); err != nil {
		stop()
		return nil, fmt.Errorf("subscribing at Mosquitto: %w", err)
	}
	return stop, nil
}

// fence publishes the token as a client would its nonce. The broker passes
// messages on in the order in which they came.
func fence(ctx context.Context, control netip.AddrPort, token string) error {
	c := mqtt.NewClient(options(control, "trustrig-"+token))
	if err := finish(ctx, c.Connect()); err != nil {
		return err
	}
	defer c.Disconnect(0)
	return finish(ctx, c.Publish(prefix+token, 1, false, token))
}

func options(at netip.AddrPort, id string) *mqtt.ClientOptions {
	return mqtt.NewClientOptions().AddBroker("tcp://" + at.String()).SetClientID(id).
		SetConnectTimeout(patience).SetAutoReconnect(false).SetOrderMatters(true)
}

// finish waits for what was asked of the broker.
func finish(ctx context.Context, t mqtt.Token) error {
	select {
	case <-t.Done():
		return t.Error()
	case <-time.After(patience):
		return fmt.Errorf("no answer in %v", patience)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
