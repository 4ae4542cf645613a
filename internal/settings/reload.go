package settings

import "reflect"

// Reload returns the settings that hold after a reload: those of next where they take effect without
// a restart, and those of current elsewhere. It also returns the names of the settings that changed,
// and of those which would have, and need a restart.
//
// Check the result as a whole: two settings may fit together in both files and not across them.
func (t *Table[S]) Reload(current, next S) (result S, changed, restart []string) {
	result = current
	was, is, into := reflect.ValueOf(current), reflect.ValueOf(next), reflect.ValueOf(&result).Elem()
	for _, r := range t.rows {
		if reflect.DeepEqual(was.Field(r.index).Interface(), is.Field(r.index).Interface()) {
			continue
		}
		if !r.reloadable {
			restart = append(restart, r.name)
			continue
		}
		into.Field(r.index).Set(is.Field(r.index))
		changed = append(changed, r.name)
	}
	return result, changed, restart
}
