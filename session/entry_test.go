package session

import (
	"fmt"
	"reflect"
	"sync"
	"testing"
)

// TestEntryHoldsNoPointer: with a pointer, or beyond the size up to which a map keeps its values
// in place, the garbage collector would walk the whole cache.
func TestEntryHoldsNoPointer(t *testing.T) {
	var hasPointer func(reflect.Type) bool
	hasPointer = func(typ reflect.Type) bool {
		switch typ.Kind() {
		case reflect.Struct:
			for i := range typ.NumField() {
				if hasPointer(typ.Field(i).Type) {
					return true
				}
			}
			return false
		case reflect.Array:
			return hasPointer(typ.Elem())
		case reflect.Int64, reflect.Uint32, reflect.Uint16, reflect.Uint8:
			return false
		default:
			return true
		}
	}
	typ := reflect.TypeFor[entry]()
	if hasPointer(typ) {
		t.Error("entry holds a pointer")
	}
	if typ.Size() > 128 {
		t.Errorf("entry has %d bytes; a map moves values of more than 128 out of line", typ.Size())
	}
}

func TestRoleTable(t *testing.T) {
	var table roleTable
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for i := range 100 {
				name := fmt.Sprint("role", i)
				n, ok := table.number(name)
				if !ok || table.name(n) != name {
					t.Errorf("role %q became %q, %v", name, table.name(n), ok)
				}
			}
		})
	}
	all.Wait()
	for i := range maxRoles - 100 {
		if _, ok := table.number(fmt.Sprint("more", i)); !ok {
			t.Fatalf("the table was full after %d roles", 100+i)
		}
	}
	if _, ok := table.number("one too many"); ok {
		t.Error("the table has no end")
	}
	if n, ok := table.number("role7"); !ok || table.name(n) != "role7" {
		t.Error("a full table does not know its roles any more")
	}
}
