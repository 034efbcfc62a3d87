package http

import (
	"maps"
	"time"

	"github.com/jeton-io/jeton/cluster"
	"github.com/jeton-io/jeton/fsm"
)

// Scheduled snapshots, at the paths of Vault's Enterprise edition.
func (s *Server) snapshotAutoRoutes() {
	s.handle(route{path: "sys/storage/raft/snapshot-auto/config", folder: true, list: listSchedules, about: about{
		list: "Lists the schedules by which snapshots are saved.",
	}})
	s.handle(route{
		path: "sys/storage/raft/snapshot-auto/config/{name}", read: readSchedule, update: writeSchedule, delete: deleteSchedule,
		about: about{
			read: "Shows a schedule without its secret.", update: "Makes a schedule, or changes what is named of one.",
			delete: "Ends a schedule; what it has saved stays.", takes: scheduleTakes,
		},
	})
	s.handle(route{path: "sys/storage/raft/snapshot-auto/status/{name}", read: readScheduleStatus, about: about{
		read: "Shows when a schedule has last saved a snapshot, and what went wrong since.",
	}})
}

func listSchedules(c *call) (answer, error) {
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	var list []string
	for _, s := range view.State.SnapshotSchedules() {
		list = append(list, s.Name)
	}
	return names(list)
}

func readSchedule(c *call) (answer, error) {
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	s, ok := view.State.SnapshotSchedule(c.variable("name"))
	if !ok {
		return answer{}, errNothing
	}
	t := &s.Target
	data := object{
		"interval": int64(s.Interval / time.Second), "retain": s.Retain, "retain_age": int64(s.RetainAge / time.Second),
		"storage_type": t.Storage.String(), "path_prefix": t.PathPrefix, "file_prefix": t.FilePrefix,
		"recipients": listed(t.Recipients),
	}
	if t.Storage == fsm.LocalStorage {
		data["local_max_space"] = t.MaxSpace
		return answer{data: data}, nil
	}
	maps.Copy(data, object{
		"aws_s3_bucket": t.Bucket, "aws_s3_region": t.Region, "aws_s3_endpoint": t.Endpoint, "aws_access_key_id": t.AccessKeyID,
		"aws_s3_disable_tls": t.PlainHTTP, "aws_s3_force_path_style": t.PathStyle, "aws_s3_server_side_encryption": t.Encrypted,
		"aws_s3_enable_kms": false, "aws_s3_kms_key": "",
	})
	return answer{data: data}, nil
}

func deleteSchedule(c *call) (answer, error) {
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	_, err := c.propose(&fsm.SnapshotScheduleDelete{Name: c.variable("name")})
	return answer{}, err
}

// writeSchedule makes the schedule of the request and of what is there, until it is
// written or refused: what the request does not name stays as it is.
func writeSchedule(c *call) (answer, error) {
	c.scheduleOf(new(fsm.SnapshotSchedule))
	if err := c.decoded(); err != nil {
		return answer{}, err
	}
	for try := 0; ; try++ {
		view, err := c.s.cluster.View(c.ctx)
		if err != nil {
			return answer{}, err
		}
		cmd := &fsm.SnapshotScheduleSet{Schedule: fsm.SnapshotSchedule{Name: c.variable("name")}}
		a, no := c.foresee(view.State, cmd)
		if no == nil && a != nil {
			no = c.checkParameters(view.State, a)
		}
		if no != nil {
			return answer{}, c.deny(a, no)
		}
		if old, there := view.State.SnapshotSchedule(cmd.Schedule.Name); there {
			cmd.Base, cmd.Schedule = old.Version, *old
		}
		if err := c.fillSchedule(&cmd.Schedule); err != nil {
			return answer{}, err
		}
		if err := cmd.Validate(); err != nil {
			return answer{}, err
		}
		if _, err = c.send(cmd); !isRecheck(err) || try == maxRechecks {
			return answer{}, err
		}
	}
}

// readScheduleStatus is about the last attempt, and with snapshot_ before the name
// about the last that was good.
func readScheduleStatus(c *call) (answer, error) {
	view, _, err := c.read(c.access())
	if err != nil {
		return answer{}, err
	}
	s, ok := view.State.SnapshotSchedule(c.variable("name"))
	if !ok {
		return answer{}, errNothing
	}
	last := view.State.SnapshotStatus(s.Name)
	overdue := s.Overdue(last, view.At)
	if overdue {
		c.warn("The last good snapshot is older than two intervals, or there is none.")
	}
	next := max(s.Due(last), view.At)
	if last == nil {
		last = new(fsm.SnapshotStatus)
	}
	data := object{
		"last_snapshot_start": momentOf(last.Started), "last_snapshot_end": momentOf(last.Ended),
		"last_snapshot_error": last.Problem.String(), "last_snapshot_url": "", "consecutive_errors": last.Failures,
		"snapshot_start": momentOf(last.Good.Started), "snapshot_url": "",
		"snapshot_index": last.Good.Index, "snapshot_bytes": last.Good.Bytes,
		"next_snapshot_start": momentOf(next), "overdue": overdue,
	}
	if last.Good.Index > 0 {
		data["snapshot_url"] = snapshotURL(&s.Target, last.Good)
		if last.Good.Started == last.Started {
			data["last_snapshot_url"] = data["snapshot_url"]
		}
	}
	return answer{data: data}, nil
}

// momentOf is a time as Vault shows it, which of what never was is the year 1.
func momentOf(i fsm.Instant) time.Time {
	if i == 0 {
		return time.Time{}
	}
	return i.Time()
}

func snapshotURL(t *fsm.SnapshotTarget, s fsm.SavedSnapshot) string {
	file := cluster.SnapshotFile(t, s)
	if folder := t.Folder(); folder != "" {
		file = folder + "/" + file
	}
	if t.Storage == fsm.S3Storage {
		return "s3://" + t.Bucket + "/" + file
	}
	return "file://" + file
}
