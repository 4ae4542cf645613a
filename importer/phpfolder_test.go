package importer

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPHPOwners: in a folder that others can write to, nobody leaves a session that names somebody else.
func TestPHPOwners(t *testing.T) {
	const root, www, mallory = 0, 33, 1000
	site := []phpFile{{"sess_a", www}, {"sess_b", root}, {"sess_c", www}}
	mixed := append(site[:3:3], phpFile{"sess_d", mallory})
	for name, row := range map[string]struct {
		files []phpFile
		owner int
		want  []phpFile
		err   error
	}{
		"of one":               {site, -1, site, nil},
		"of several":           {mixed, -1, nil, ErrOwners},
		"of several, of whom":  {mixed, www, site, nil},
		"of root":              {site[1:2], -1, site[1:2], nil},
		"of nobody who counts": {mixed[3:], www, nil, ErrNothingThere},
		"none":                 {nil, -1, nil, ErrNothingThere},
	} {
		got, err := ofOwner(row.files, row.owner)
		if diff := cmp.Diff(row.want, got, cmp.AllowUnexported(phpFile{})); diff != "" || !errors.Is(err, row.err) {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
}
