package stack

import (
	"bytes"
	"fmt"
	"text/template"

	"trustrig/servers/docker"
)

// Folder is where a container finds its sites: a folder each with chain.pem
// and key.pem, and what the software's template makes of each.
const Folder = "srv/sites"

// Templates make configuration files.
type Templates struct {
	// Head is the configuration as a whole, of a Config, "" for none.
	Head, HeadName string
	// Site is that of one site, of a SiteConfig; its file is SiteName, ""
	// for none.
	Site, SiteName string
}

// A SiteConfig is what a site's template is executed with.
type SiteConfig struct {
	Config
	Site
	Folder string
}

// Files executes the templates.
func (t Templates) Files(c Config) ([]docker.File, error) {
	head, err := execute(t.Head, c)
	if err != nil {
		return nil, err
	}
	files := []docker.File{{Name: t.HeadName, Mode: 0o644, Data: head}}
	if t.HeadName == "" {
		files = nil
	}
	for _, s := range c.Sites {
		dir := Folder + "/" + s.Name
		conf, err := execute(t.Site, SiteConfig{Config: c, Site: s, Folder: "/" + dir})
		if err != nil {
			return nil, err
		}
		if t.SiteName != "" {
			files = append(files, docker.File{Name: dir + "/" + t.SiteName, Mode: 0o644, Data: conf})
		}
		files = append(files,
			docker.File{Name: dir + "/chain.pem", Mode: 0o644, Data: s.Chain},
			docker.File{Name: dir + "/key.pem", Mode: 0o644, Data: s.Key},
			docker.File{Name: dir + "/both.pem", Mode: 0o644, Data: append(bytes.Clone(s.Chain), s.Key...)},
		)
	}
	return files, nil
}

func execute(text string, data any) ([]byte, error) {
	t, err := template.New("configuration").Parse(text)
	if err != nil {
		return nil, fmt.Errorf("configuring a stack: %w", err)
	}
	var b bytes.Buffer
	if err := t.Execute(&b, data); err != nil {
		return nil, fmt.Errorf("configuring a stack: %w", err)
	}
	return b.Bytes(), nil
}
