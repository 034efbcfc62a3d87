package waypoint

import "reflect"

var (
	Encode58 = encode58
	Decode58 = decode58
)

// Known is a deep copy of a token without the fields that nobody knows.
func Known(t *Token) *Token {
	return strip(reflect.ValueOf(t)).Interface().(*Token)
}

// strip copies the exported fields: what nobody knows stands in unexported ones.
func strip(v reflect.Value) reflect.Value {
	switch {
	case v.Kind() == reflect.Interface && !v.IsNil():
		return strip(v.Elem())
	case v.Kind() == reflect.Pointer && !v.IsNil():
		to := reflect.New(v.Type().Elem())
		to.Elem().Set(strip(v.Elem()))
		return to
	case v.Kind() == reflect.Struct:
		to := reflect.New(v.Type()).Elem()
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				to.Field(i).Set(strip(v.Field(i)))
			}
		}
		return to
	case v.Kind() == reflect.Slice && v.Len() == 0:
		return reflect.Zero(v.Type()) // empty is nothing
	}
	return v
}
