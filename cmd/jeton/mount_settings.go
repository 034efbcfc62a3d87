package main

import (
	"flag"
	"maps"
	"slices"

	"github.com/openbao/openbao/api/v2"
)

// mounts lists login methods or secrets engines where they are mounted. What is
// there always has neither an accessor nor settings.
func (o *output) mounts(mounts map[string]*api.MountOutput, detailed bool) error {
	if o.format == "json" {
		return o.json(mounts)
	}
	rows := [][]string{{"Path", "Type", "Accessor"}, {"----", "----", "--------"}}
	if detailed {
		rows[0] = append(rows[0], "Default TTL", "Max TTL", "Visibility")
		rows[1] = append(rows[1], "-----------", "-------", "----------")
	}
	rows[0], rows[1] = append(rows[0], "Description"), append(rows[1], "-----------")
	for _, path := range slices.Sorted(maps.Keys(mounts)) {
		m := mounts[path]
		row := []string{path, m.Type, show(m.Accessor)}
		if detailed {
			row = append(row, mountTTL(m.Config.DefaultLeaseTTL), mountTTL(m.Config.MaxLeaseTTL), show(m.Config.ListingVisibility))
		}
		rows = append(rows, append(row, show(m.Description)))
	}
	return writeColumns(o.c.out, rows)
}

// mountTTL is a setting in seconds, of which zero leaves it to the server.
func mountTTL(n int) string {
	if n == 0 {
		return "system"
	}
	return seconds(n).String()
}

// mountSettings are the flags of enable and tune. What is not given is not sent
// and stays as it is.
type mountSettings struct {
	flags       *flag.FlagSet
	description string
	defaultTTL  durationFlag
	maxTTL      durationFlag
	visibility  string
}

// declareMountSettings adds those flags for what makes the things that are named.
func declareMountSettings(flags *flag.FlagSet, makes string) *mountSettings {
	s := &mountSettings{flags: flags}
	flags.StringVar(&s.description, "description", "", "`text` for people")
	flags.Var(&s.defaultTTL, "default-lease-ttl", "`duration` that its "+makes+" live when nothing else is said")
	flags.Var(&s.maxTTL, "max-lease-ttl", "`duration` that its "+makes+" live at most")
	flags.StringVar(&s.visibility, "listing-visibility", "", "`who` is shown it: hidden or unauth")
	return s
}

func (s *mountSettings) config() api.MountConfigInput {
	in := api.MountConfigInput{
		DefaultLeaseTTL: s.defaultTTL.String(), MaxLeaseTTL: s.maxTTL.String(), ListingVisibility: s.visibility,
	}
	s.flags.Visit(func(f *flag.Flag) {
		if f.Name == "description" {
			in.Description = &s.description
		}
	})
	return in
}
