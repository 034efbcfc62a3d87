package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/jeton-io/jeton/cluster"
)

// operatorRecoverCommand makes one data directory the beginning of a cluster again
// that has lost its quorum for ever.
func operatorRecoverCommand(c *console, flags *flag.FlagSet) runner {
	out := declareOutput(c, flags, false)
	yes := flags.Bool("yes", false, "do not ask")
	force := flags.Bool("force", false, "recover though the servers of these directories could elect a leader by themselves")
	return func(_ context.Context, args []string) error {
		if len(args) == 0 {
			return usagef("expected the data directories that are left")
		}
		remains, err := examineAll(args)
		if err != nil {
			return err
		}
		best := mostAdvanced(remains)
		if out.format != "json" {
			if err := printRemains(c, remains); err != nil {
				return err
			}
		}
		if n, need := quorumOf(remains, best); n >= need && !*force {
			return fmt.Errorf("%d of the %d voters that a leader needs are here: start them, and the cluster goes on without any loss (-force to recover all the same)", n, need)
		}
		if out.format == "json" && !*yes {
			return out.json(remains)
		}
		if !*yes {
			if err := c.confirmRecovery(best); err != nil {
				return err
			}
		}
		id, err := cluster.Recover(best.Dir, slog.New(slog.NewTextHandler(c.err, &slog.HandlerOptions{Level: slog.LevelWarn})))
		if err != nil {
			return err
		}
		return out.success("%s is the only voter now, as %s. Start its node, and the others without their data: they join it", best.Dir, id)
	}
}

func examineAll(dirs []string) (remains []*cluster.Remains, err error) {
	seen := make(map[string]string)
	for _, dir := range dirs {
		r, err := cluster.Examine(filepath.Clean(dir))
		if err != nil {
			return nil, err
		}
		if other, twice := seen[r.ServerID]; twice {
			return nil, fmt.Errorf("%s and %s are both of server %s", other, r.Dir, r.ServerID)
		}
		seen[r.ServerID] = r.Dir
		if len(remains) > 0 && remains[0].ClusterID != r.ClusterID {
			return nil, fmt.Errorf("%s is of cluster %s, %s of %s", remains[0].Dir, remains[0].ClusterID, r.Dir, r.ClusterID)
		}
		remains = append(remains, r)
	}
	return remains, nil
}

// mostAdvanced is the one that holds everything which was committed, if any here does.
func mostAdvanced(remains []*cluster.Remains) *cluster.Remains {
	best := remains[0]
	for _, r := range remains[1:] {
		if r.Newer(best) {
			best = r
		}
	}
	return best
}

// quorumOf counts the voters of the best one's configuration that are here, and those
// that a leader needs.
func quorumOf(remains []*cluster.Remains, best *cluster.Remains) (here, need int) {
	voters := 0
	for _, s := range best.Servers {
		if !s.Voter {
			continue
		}
		voters++
		for _, r := range remains {
			if r.ServerID == s.ServerID {
				here++
			}
		}
	}
	return here, voters/2 + 1
}

func printRemains(c *console, remains []*cluster.Remains) error {
	rows := [][]string{
		{"Directory", "Server ID", "Term", "Last Index", "Of Term", "Voters"},
		{"---------", "---------", "----", "----------", "-------", "------"},
	}
	for _, r := range remains {
		var voters []string
		for _, s := range r.Servers {
			if s.Voter {
				voters = append(voters, s.ServerID)
			}
		}
		rows = append(rows, []string{r.Dir, r.ServerID, strconv.FormatUint(r.Term, 10), strconv.FormatUint(r.LastIndex, 10),
			strconv.FormatUint(r.LastTerm, 10), strings.Join(voters, ", ")})
	}
	return writeColumns(c.out, rows)
}

func (c *console) confirmRecovery(best *cluster.Remains) error {
	fmt.Fprintf(c.err, `
%s goes furthest. It becomes the only voter of a cluster that begins with what it
holds, under a new server id. What only the lost servers had is gone, and those of
them that come back are refused until their data is removed.

Type "recover" to go on: `, best.Dir)
	line, err := bufio.NewReader(io.LimitReader(c.in, 64)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("standard input: %w", err)
	}
	if strings.TrimSpace(line) != "recover" {
		return errors.New("nothing was changed")
	}
	return nil
}
