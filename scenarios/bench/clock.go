package bench

import (
	"context"
	"errors"
	"fmt"

	"trustrig/harness"
	"trustrig/harness/emulator"
)

// clockOverPlain measures what a scenario with a clock of its own costs more
// than one without: the clock's setting before it, and its putting right before
// the next.
func clockOverPlain(ctx context.Context, o Options) (_ []Measure, err error) {
	plain, err := caseFor()
	if err != nil {
		return nil, err
	}
	moved := plain
	moved.Name += "/moved"
	moved.Clock = "T0+3600s"
	b, err := open(ctx, o, emulator.Config{}, 8)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, b.close()) }()
	if !b.faked {
		return nil, errors.New("the emulated camera has no clock of its own")
	}
	rounds := 200
	if o.Short {
		rounds = 60
	}
	with, without := inTurn(plain, moved), inTurn(plain, plain)
	var more []float64
	for i := range rounds + 1 {
		_, withWall, err := b.throughRig(ctx, with)
		if err != nil {
			return nil, err
		}
		_, withoutWall, err := b.throughRig(ctx, without)
		if err != nil {
			return nil, err
		}
		if i > 0 { // the first warms up
			more = append(more, withWall-withoutWall)
		}
	}
	return []Measure{atMost(5, Measure{Name: "clock_over_plain", Value: median(more), Unit: "ms",
		Detail: fmt.Sprintf("a clock set and put right again, by wall time, median of %d rounds in turn", rounds)})}, nil
}

// inTurn is b between two of a, under names of their own, so that each is tried.
func inTurn(a, b harness.Scenario) []harness.Scenario {
	list := []harness.Scenario{a, b, a}
	for i := range list {
		list[i].Name += fmt.Sprintf("/%d", i)
	}
	return list
}
