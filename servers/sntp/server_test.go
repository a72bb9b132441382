package sntp

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/beevik/ntp"
)

// patience bounds every wait that should not last; impatience those that are
// there to run out.
const (
	patience   = 10 * time.Second
	impatience = 150 * time.Millisecond
)

func start(t *testing.T) *Server {
	t.Helper()
	s, err := Start(t.Context(), netip.AddrPort{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func set(t *testing.T, s *Server, a Answer) {
	t.Helper()
	if err := s.Set(a); err != nil {
		t.Fatal(err)
	}
}

// ask asks with the independent client.
func ask(s *Server, timeout time.Duration) (*ntp.Response, error) {
	return ntp.QueryWithOptions(s.Addr().String(), ntp.QueryOptions{Timeout: timeout})
}

func TestRight(t *testing.T) {
	s := start(t)
	r, err := ask(s, patience)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Validate(); err != nil {
		t.Errorf("the client finds the answer invalid: %v", err)
	}
	if off := r.ClockOffset.Abs(); off > time.Second {
		t.Errorf("the answer is off by %v", off)
	}
	queries, err := s.Queries(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if q := queries[0]; q.Size != 48 || q.Version != 4 || q.Mode != 3 || !q.Answered {
		t.Errorf("the query was seen as %+v", q)
	}
}

// TestChosenTime: the client hears what the server was told to say, on both
// sides of the end of era 0. This client's guess at the turn is 1970 to 2106.
func TestChosenTime(t *testing.T) {
	s := start(t)
	for _, at := range []string{
		"1970-01-01T00:00:00Z", "2000-01-01T00:00:00Z", "2023-12-31T23:59:59Z", "2024-01-01T00:00:00Z",
		"2026-11-23T12:00:00.5Z", "2036-02-07T06:28:15Z", "2036-02-07T06:28:17Z", "2038-01-19T03:14:08Z",
		"2106-02-07T06:28:15Z",
	} {
		want := instant(t, at)
		set(t, s, Answer{Time: want})
		r, err := ask(s, patience)
		if err != nil {
			t.Errorf("%s: %v", at, err)
			continue
		}
		if off := r.Time.Sub(want).Abs(); off > time.Millisecond {
			t.Errorf("told to say %s, and the client heard %s", at, r.Time)
		}
	}
}

func instant(t *testing.T, s string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// TestFaults: what the independent client makes of each fault.
func TestFaults(t *testing.T) {
	s := start(t)
	rows := map[Fault]func(*ntp.Response, error) bool{
		KissOfDeath: func(r *ntp.Response, err error) bool {
			return err == nil && r.IsKissOfDeath() && r.KissCode == "DENY" && errors.Is(r.Validate(), ntp.ErrKissOfDeath)
		},
		Unsynchronised: func(r *ntp.Response, err error) bool {
			return err == nil && r.Leap == ntp.LeapNotInSync && errors.Is(r.Validate(), ntp.ErrInvalidLeapSecond)
		},
		ZeroTransmit: func(_ *ntp.Response, err error) bool { return errors.Is(err, ntp.ErrInvalidTransmitTime) },
		Short:        func(_ *ntp.Response, err error) bool { return err != nil && !timedOut(err) },
		OtherPort:    func(_ *ntp.Response, err error) bool { return timedOut(err) }, // its socket is connected
		Silence:      func(_ *ntp.Response, err error) bool { return timedOut(err) },
	}
	for _, fault := range Faults() {
		t.Run(string(fault), func(t *testing.T) {
			as, ok := rows[fault]
			if !ok {
				t.Fatal("no row for this fault")
			}
			set(t, s, Answer{Fault: fault})
			timeout := patience
			if fault == OtherPort || fault == Silence {
				timeout = impatience
			}
			if r, err := ask(s, timeout); !as(r, err) {
				t.Errorf("the client made of it: %+v, %v", r, err)
			}
			// The same client accepts the right answer: it was the fault.
			set(t, s, Answer{})
			if r, err := ask(s, patience); err != nil || r.Validate() != nil {
				t.Errorf("without the fault: %+v, %v", r, err)
			}
		})
	}
}

func timedOut(err error) bool {
	var n net.Error
	return errors.As(err, &n) && n.Timeout()
}

// TestOtherPort: the answer does come, from elsewhere.
func TestOtherPort(t *testing.T) {
	s := start(t)
	set(t, s, Answer{Fault: OtherPort})
	n, from := exchange(t, s, request48(0x1b))
	if n != 48 || from.Port() == s.Addr().Port() || from.Addr() != s.Addr().Addr() {
		t.Errorf("%d bytes came from %s; the server is %s", n, from, s.Addr())
	}
}

// exchange sends a datagram from a socket that takes answers from anywhere.
func exchange(t *testing.T, s *Server, query []byte) (int, netip.AddrPort) {
	t.Helper()
	conn, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.1:0")))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.WriteToUDPAddrPort(query, s.Addr()); err != nil {
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	n, from, err := conn.ReadFromUDPAddrPort(make([]byte, 100))
	if err != nil {
		t.Fatal(err)
	}
	return n, from
}

func request48(first byte) []byte {
	b := make([]byte, packetSize)
	b[0] = first
	return b
}

// TestLate: the answer comes after the delay and says the time of the query.
func TestLate(t *testing.T) {
	s := start(t)
	set(t, s, Answer{Delay: 2 * impatience})
	if _, err := ask(s, impatience); !timedOut(err) {
		t.Errorf("a client that waits %v got %v", impatience, err)
	}
	r, err := ask(s, patience)
	if err != nil {
		t.Fatal(err)
	}
	if r.RTT < 2*impatience {
		t.Errorf("the answer took %v", r.RTT)
	}
	queries, err := s.Queries(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	if off := r.Time.Sub(queries[1].At).Abs(); off > time.Millisecond {
		t.Errorf("the answer is off the query's time by %v", off)
	}
}

// TestNoRequest: datagrams that are none are seen and not answered.
func TestNoRequest(t *testing.T) {
	s := start(t)
	conn, err := net.Dial("udp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for _, junk := range [][]byte{{}, {0x1b}, request48(0x1b)[:47], request48(0x1c), request48(0x18)} { // 4: a server's, 0: reserved
		if _, err := conn.Write(junk); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := conn.Write(request48(0x19)); err != nil { // symmetric active
		t.Fatal(err)
	}
	if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 100)
	if n, err := conn.Read(b); err != nil || n != 48 || b[0] != 0x1a {
		t.Errorf("the first answer is %d bytes that begin with %#x, %v; want 48 with version 3, mode 2", n, b[0], err)
	}
	queries, err := s.Queries(t.Context(), 6)
	if err != nil {
		t.Fatal(err)
	}
	for i, q := range queries {
		if q.Answered != (i == 5) {
			t.Errorf("datagram %d: answered is %v", i, q.Answered)
		}
	}
}

func TestPortInUse(t *testing.T) {
	s := start(t)
	again, err := Start(t.Context(), s.Addr())
	var port *PortError
	if !errors.As(err, &port) || !errors.Is(err, syscall.EADDRINUSE) {
		t.Fatalf("the second server on %s: %v, %v", s.Addr(), again, err)
	}
	if !strings.Contains(err.Error(), s.Addr().String()) || !strings.Contains(port.Hint(), fmt.Sprint(s.Addr().Port())) {
		t.Errorf("%v; %s", err, port.Hint())
	}
}

// TestClose: a server that is closed drops what is due, and ends waits.
func TestClose(t *testing.T) {
	s, err := Start(t.Context(), netip.AddrPort{})
	if err != nil {
		t.Fatal(err)
	}
	set(t, s, Answer{Delay: time.Hour})
	conn, err := net.Dial("udp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write(request48(0x23)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Queries(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	waited := make(chan error, 1)
	go func() {
		_, err := s.Queries(context.WithoutCancel(t.Context()), 2)
		waited <- err
	}()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Queries(over, 2); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Close did not wait for the server's end: %v", err)
	}
	select {
	case err := <-waited:
		if !errors.Is(err, net.ErrClosed) {
			t.Errorf("the wait for a second query ended with %v", err)
		}
	case <-time.After(patience):
		t.Error("the wait for a second query outlives the server")
	}
}

func TestSetRefuses(t *testing.T) {
	s := start(t)
	for _, a := range []Answer{{Fault: "wrong"}, {Delay: -time.Second}} {
		if err := s.Set(a); err == nil {
			t.Errorf("%+v was taken", a)
		}
	}
}

// TestHeard holds Heard against the sentence that it comes from: seconds
// before 2024 belong to the next turn of 2^32 s.
func TestHeard(t *testing.T) {
	for said, heard := range map[string]string{
		"2024-01-01T00:00:00Z":   "2024-01-01T00:00:00Z",
		"2026-11-23T12:00:00.9Z": "2026-11-23T12:00:00Z",
		"2036-02-07T06:28:16Z":   "2036-02-07T06:28:16Z",
		"2023-12-31T23:59:59Z":   "2160-02-07T06:28:15Z",
		"2019-01-01T00:00:00Z":   "2155-02-07T06:28:16Z",
	} {
		if got := Heard(instant(t, said)); !got.Equal(instant(t, heard)) {
			t.Errorf("said %s, heard %s; want %s", said, got.Format(time.RFC3339), heard)
		}
	}
}
