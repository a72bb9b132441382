package probe

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strconv"

	"trustrig/harness"
)

// maxKept is how many bytes of anchors a device keeps at once. A catalogue has
// a hundred of them, more than the heap of a small camera holds beside a
// connection.
const maxKept = 32 << 10

// keep sends the anchors that the device does not have. Where it would have
// too many then, it first forgets all.
func (c *Client) keep(ctx context.Context, anchors harness.Anchors) error {
	wanted := [][]byte{anchors.First, anchors.Second}
	missing := 0
	for _, anchor := range wanted {
		if anchor != nil && !c.kept[digest(anchor)] {
			missing += len(anchor)
		}
	}
	if missing > 0 && c.room > 0 && c.room+missing > maxKept {
		if _, err := c.device.Exec(ctx, "ANCHORS.clear()\ngc.collect()\n"); err != nil {
			return fmt.Errorf("having the device forget its anchors: %w", err)
		}
		c.kept, c.room = make(map[string]bool), 0
	}
	for _, anchor := range wanted {
		name := digest(anchor)
		if anchor == nil || c.kept[name] {
			continue
		}
		store := "store(" + strconv.Quote(base64.StdEncoding.EncodeToString(anchor)) + ")\n"
		if _, err := c.device.Exec(ctx, store); err != nil {
			return fmt.Errorf("sending anchor %s: %w", name, err)
		}
		c.kept[name] = true
		c.room += len(anchor)
	}
	return nil
}

// digest is the name under which the device keeps an anchor.
func digest(anchor []byte) string {
	sum := sha256.Sum256(anchor)
	return hex.EncodeToString(sum[:])
}
