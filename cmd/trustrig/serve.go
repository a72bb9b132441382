package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"github.com/peterbourgon/ff/v3/ffcli"

	"trustrig/firmware/cache"
	"trustrig/scenarios"
	"trustrig/servers/pki"
	"trustrig/servers/zoo"
)

// A serveConfig is what the flags of trustrig serve say.
type serveConfig struct {
	stack, listen, dir string
	json               bool
}

func serveCommand() *ffcli.Command {
	var c serveConfig
	fs := flag.NewFlagSet("trustrig serve", flag.ContinueOnError)
	fs.StringVar(&c.stack, "stack", "go", "the server `software`: go for the rig's own, or nginx, haproxy, mosquitto, gnutls in Docker")
	fs.StringVar(&c.listen, "listen", "127.0.0.1", "listen on this `address`")
	fs.StringVar(&c.dir, "anchors", "out/anchors", "write the anchors to this `folder`")
	fs.BoolVar(&c.json, "json", false, "print a list in JSON in place of the table")
	return &ffcli.Command{
		Name:       "serve",
		ShortUsage: "trustrig serve [flags] [RECIPE…]",
		ShortHelp:  "show chains to any client, a port each, until Ctrl-C",
		LongHelp:   "Without a recipe, all are served. trustrig chain writes one to files.",
		FlagSet:    fs,
		Exec:       c.exec,
	}
}

func (c *serveConfig) exec(ctx context.Context, names []string) error {
	addr, err := netip.ParseAddr(c.listen)
	if err != nil {
		return fmt.Errorf("-listen: %w", err)
	}
	store, err := cache.Open()
	if err != nil {
		return err
	}
	maker := scenarios.NewMaker(time.Now(), store)
	recipes, err := recipesNamed(maker, names)
	if err != nil {
		return err
	}
	z, err := zoo.Open(ctx, zoo.Options{Maker: maker, Recipes: recipes, Stack: c.stack, Addr: addr, Dir: filepath.Clean(c.dir), Say: say})
	if err != nil {
		return err
	}
	if err := c.print(z); err != nil {
		return errors.Join(err, z.Close())
	}
	say(fmt.Sprintf("%d chains are served; Ctrl-C ends it", len(z.Exhibits)))
	<-ctx.Done()
	return z.Close()
}

// recipesNamed returns the recipes of those names, all for none. An unknown
// one is an error that names the nearest.
func recipesNamed(maker *pki.Maker, names []string) ([]pki.Recipe, error) {
	all := pki.Recipes()
	if len(names) == 0 {
		return all, nil
	}
	byName := make(map[string]pki.Recipe)
	for _, r := range all {
		byName[r.Name] = r
	}
	var chosen []pki.Recipe
	for _, name := range names {
		r, ok := byName[name]
		if !ok {
			_, err := maker.Chain(name)
			return nil, err
		}
		chosen = append(chosen, r)
	}
	return chosen, nil
}

// print says where each chain is, and what the plainest question about it is.
// The table is whole once it is out, so that who reads it can start.
func (c *serveConfig) print(z *zoo.Zoo) error {
	if c.json {
		return printJSON(z.Exhibits)
	}
	tw := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(tw, "RECIPE\tADDRESS\tHOST\tANCHOR\tMUST BE\tBECAUSE")
	for _, e := range z.Exhibits {
		if e.Missing != "" {
			fmt.Fprintf(tw, "%s\t-\t-\t-\t-\t%s refuses it: %s\n", e.Recipe, c.stack, e.Missing)
			continue
		}
		q := zoo.Question{Must: "-"}
		if len(e.Questions) > 0 {
			q = e.Questions[0]
		}
		fmt.Fprintf(tw, "%s\t%s:%d\t%s\t%s\t%s\t%s\n", e.Recipe, e.IP, e.Port, short(q.Host), q.AnchorFile, q.Must, e.Is)
	}
	return tw.Flush()
}

// short is a name that leaves room for the rest of a row; -json has it whole.
func short(host string) string {
	const most = 32
	if runes := []rune(host); len(runes) > most {
		return string(runes[:most-1]) + "…"
	}
	return host
}
