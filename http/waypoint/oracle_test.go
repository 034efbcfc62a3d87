package waypoint_test

import (
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
)

// The messages as protobuf's own library has them, which the reader and the writers
// of this package are held against.
var (
	oracleToken     = oracle("Token")
	oracleTransport = oracle("Transport")
)

type fieldType = descriptorpb.FieldDescriptorProto_Type

const (
	typeBytes  = descriptorpb.FieldDescriptorProto_TYPE_BYTES
	typeString = descriptorpb.FieldDescriptorProto_TYPE_STRING
	typeBool   = descriptorpb.FieldDescriptorProto_TYPE_BOOL
	typeInt32  = descriptorpb.FieldDescriptorProto_TYPE_INT32
	typeInt64  = descriptorpb.FieldDescriptorProto_TYPE_INT64
	typeUint64 = descriptorpb.FieldDescriptorProto_TYPE_UINT64
)

func scalar(name string, number int32, typ fieldType) *descriptorpb.FieldDescriptorProto {
	return &descriptorpb.FieldDescriptorProto{
		Name: &name, Number: &number, Type: &typ, Label: descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL.Enum(),
	}
}

func nested(name string, number int32, of string) *descriptorpb.FieldDescriptorProto {
	f := scalar(name, number, descriptorpb.FieldDescriptorProto_TYPE_MESSAGE)
	f.TypeName = proto.String(".w." + of)
	return f
}

func inOneof(fields ...*descriptorpb.FieldDescriptorProto) []*descriptorpb.FieldDescriptorProto {
	for _, f := range fields {
		f.OneofIndex = proto.Int32(0)
	}
	return fields
}

func record(name string, fields ...*descriptorpb.FieldDescriptorProto) *descriptorpb.DescriptorProto {
	return &descriptorpb.DescriptorProto{Name: &name, Field: fields}
}

// withOneof adds fields of which one is set at most.
func withOneof(m *descriptorpb.DescriptorProto, fields ...*descriptorpb.FieldDescriptorProto) *descriptorpb.DescriptorProto {
	m.OneofDecl = []*descriptorpb.OneofDescriptorProto{{Name: proto.String("one")}}
	m.Field = append(m.Field, inOneof(fields...)...)
	return m
}

func oracle(name string) protoreflect.MessageDescriptor {
	pairs := nested("metadata", 4, "Transport.MetadataEntry")
	pairs.Label = descriptorpb.FieldDescriptorProto_LABEL_REPEATED.Enum()
	transport := withOneof(
		record("Transport", scalar("body", 1, typeBytes), scalar("signature", 2, typeBytes), scalar("key_id", 3, typeString), pairs),
		nested("oauth", 12, "OAuth"))
	entry := record("MetadataEntry", scalar("key", 1, typeString), scalar("value", 2, typeString))
	entry.Options = &descriptorpb.MessageOptions{MapEntry: proto.Bool(true)}
	transport.NestedType = append(transport.NestedType, entry)
	file, err := protodesc.NewFile(&descriptorpb.FileDescriptorProto{
		Name: proto.String("w.proto"), Package: proto.String("w"), Syntax: proto.String("proto3"),
		MessageType: []*descriptorpb.DescriptorProto{
			transport,
			record("OAuth", scalar("url", 1, typeString), scalar("id", 2, typeString), scalar("secret", 3, typeString)),
			withOneof(
				record("Token",
					scalar("user", 1, typeString), scalar("accessor", 2, typeBytes), nested("valid_until", 3, "Time"),
					scalar("login", 4, typeBool), scalar("invite", 5, typeBool), nested("entrypoint", 6, "Text"), nested("issued", 7, "Time")),
				nested("login_part", 8, "Login"), nested("invite_part", 9, "Invite"), nested("trigger", 10, "Text"), nested("runner", 11, "Runner")),
			record("Time", scalar("seconds", 1, typeInt64), scalar("nanos", 2, typeInt32)),
			record("Text", scalar("text", 1, typeString)),
			record("Login", scalar("user", 1, typeString), nested("entrypoint", 2, "Text")),
			record("Invite", scalar("from", 1, typeString), nested("login", 2, "Login"), nested("signup", 3, "Text")),
			record("Runner", scalar("id", 1, typeString), scalar("hash", 2, typeUint64)),
		},
	}, nil)
	if err != nil {
		panic(err)
	}
	return file.Messages().ByName(protoreflect.Name(name))
}

// rewrite is what protobuf's library makes of a message: read, and written again.
func rewrite(t *testing.T, m protoreflect.MessageDescriptor, data []byte) ([]byte, bool) {
	t.Helper()
	message := dynamicpb.NewMessage(m)
	if proto.Unmarshal(data, message) != nil {
		return nil, false
	}
	again, err := proto.MarshalOptions{Deterministic: true}.Marshal(message)
	if err != nil {
		t.Fatal(err)
	}
	return again, true
}
