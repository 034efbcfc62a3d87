package api_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/jeton-io/jeton/http/waypoint/api"
)

const pkg = "hashicorp.waypoint."

// Every name, number and type is the one that Waypoint 0.11 has on the wire, and
// nothing is there beside them.
func TestDescriptors(t *testing.T) {
	got := make(map[string]string)
	file := api.File_http_waypoint_api_waypoint_proto
	if file.Package()+"." != pkg {
		t.Errorf("the package is %s", file.Package())
	}
	describeMessages(got, file.Messages())
	for i := range file.Services().Len() {
		describeService(got, file.Services().Get(i))
	}
	want := make(map[string]string)
	for line := range strings.Lines(wire) {
		if name, text, ok := strings.Cut(strings.TrimSpace(line), " | "); ok {
			want[name] = text
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if got[name] != want[name] {
			t.Errorf("%s is\n  %q, want\n  %q", name, got[name], want[name])
		}
		delete(got, name)
	}
	for _, name := range slices.Sorted(maps.Keys(got)) {
		t.Errorf("%s is in no table: %s", name, got[name])
	}
}

func describeService(to map[string]string, s protoreflect.ServiceDescriptor) {
	for i := range s.Methods().Len() {
		m := s.Methods().Get(i)
		text := short(m.Input().FullName()) + " -> " + short(m.Output().FullName())
		switch {
		case m.IsStreamingClient() && m.IsStreamingServer():
			text += ", client + server"
		case m.IsStreamingClient():
			text += ", client"
		case m.IsStreamingServer():
			text += ", server"
		}
		to[fmt.Sprintf("rpc %s/%s", s.FullName(), m.Name())] = text
	}
}

func describeMessages(to map[string]string, all protoreflect.MessageDescriptors) {
	for i := range all.Len() {
		m := all.Get(i)
		if m.IsMapEntry() {
			continue
		}
		var fields []string
		for i := range m.Fields().Len() {
			f := m.Fields().Get(i)
			text := fmt.Sprintf("%d %s: %s", f.Number(), f.Name(), typeOf(f))
			if of := f.ContainingOneof(); of != nil {
				text += " of " + string(of.Name())
			}
			fields = append(fields, text)
		}
		if fields == nil {
			fields = []string{"(none)"}
		}
		to[short(m.FullName())] = strings.Join(fields, "; ")
		describeMessages(to, m.Messages())
		for i := range m.Enums().Len() {
			describeEnum(to, m.Enums().Get(i))
		}
	}
}

func describeEnum(to map[string]string, e protoreflect.EnumDescriptor) {
	var values []string
	for i := range e.Values().Len() {
		values = append(values, fmt.Sprintf("%s %d", e.Values().Get(i).Name(), e.Values().Get(i).Number()))
	}
	to["enum "+short(e.FullName())] = strings.Join(values, ", ")
}

func typeOf(f protoreflect.FieldDescriptor) string {
	if f.IsMap() {
		return fmt.Sprintf("map<%s,%s>", typeOf(f.MapKey()), typeOf(f.MapValue()))
	}
	text := f.Kind().String()
	switch f.Kind() {
	case protoreflect.MessageKind:
		text = short(f.Message().FullName())
	case protoreflect.EnumKind:
		text = short(f.Enum().FullName())
	}
	if f.IsList() {
		text = "repeated " + text
	}
	return text
}

// short is the name without the package; Empty and Timestamp are google's.
func short(name protoreflect.FullName) string {
	text := strings.TrimPrefix(string(name), "google.protobuf.")
	return strings.TrimPrefix(text, pkg)
}
