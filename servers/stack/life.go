package stack

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net/netip"
	"sync"

	"trustrig/servers/docker"
)

// A life is one container of a software.
type life struct {
	container *docker.Container
	journal   *journal
	control   netip.AddrPort
	at        map[string]netip.AddrPort // where a site is reached
	refused   map[string]string
	attending func() error
	following sync.WaitGroup
	cut       context.CancelFunc
}

// up waits until the software serves, and notes where.
func (r *Running) up(ctx context.Context, l *life, config Config) error {
	ctx, cancel := context.WithTimeout(ctx, upTimeout)
	defer cancel()
	want := 1
	if r.software.UpEach {
		want = len(config.Sites)
	}
	err := l.journal.wait(ctx, func(events []Event) bool {
		up := 0
		for _, e := range events {
			if e.Up || r.software.UpEach && e.Refused != "" {
				up++
			}
		}
		return up >= want
	})
	if err != nil {
		return err
	}
	var published map[uint16]netip.AddrPort
	if r.software.Published {
		if published, err = l.container.Published(ctx); err != nil {
			return err
		}
	}
	for _, s := range config.Sites {
		l.at[s.Name] = netip.AddrPortFrom(config.Addr, s.Port)
		if p, ok := published[s.Port]; ok {
			l.at[s.Name] = p
		}
	}
	for _, e := range l.journal.since(0) {
		if e.Refused != "" {
			l.refused[e.Site] = e.Refused
		}
	}
	if r.software.Attend != nil {
		l.attending, err = r.software.Attend(context.WithoutCancel(ctx), l.control, l.journal.tell)
	}
	return err
}

func (l *life) close() error {
	var errs []error
	if l.attending != nil {
		errs = append(errs, l.attending())
	}
	errs = append(errs, l.container.Close())
	l.cut()
	l.following.Wait()
	return errors.Join(errs...)
}

// fence returns once the software has told of all that came before.
func (r *Running) fence(ctx context.Context, l *life, site string) error {
	var b [8]byte
	rand.Read(b[:]) // never fails
	token, at := "fence-"+hex.EncodeToString(b[:]), l.control
	if at.Port() == 0 {
		at = l.at[site]
	}
	if err := r.software.Fence(ctx, at, token); err != nil {
		if l.journal.ended() {
			err = l.journal.wait(ctx, func([]Event) bool { return false })
		}
		return fmt.Errorf("asking %s what it saw: %w", r.software.Name, err)
	}
	err := l.journal.wait(ctx, func(events []Event) bool {
		told := 0
		for _, e := range events {
			if e.Token == token {
				told++
			}
		}
		return told >= max(1, r.software.Tells)
	})
	if err != nil {
		return fmt.Errorf("waiting for %s to tell what it saw: %w", r.software.Name, err)
	}
	return nil
}
