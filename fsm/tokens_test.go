package fsm

import (
	"reflect"
	"testing"
)

// What makes millions of tokens cheap to the collector is that it need not look into their
// bodies.
func TestABodyHasNoPointer(t *testing.T) {
	var look func(at string, typ reflect.Type)
	look = func(at string, typ reflect.Type) {
		switch typ.Kind() {
		case reflect.Struct:
			for i := range typ.NumField() {
				look(at+"."+typ.Field(i).Name, typ.Field(i).Type)
			}
		case reflect.Array:
			look(at+"[]", typ.Elem())
		case reflect.Bool, reflect.Uint8, reflect.Uint32, reflect.Uint64, reflect.Int64:
		default:
			t.Errorf("%s is a %s", at, typ)
		}
	}
	look("body", reflect.TypeFor[tokenBody]())
}
