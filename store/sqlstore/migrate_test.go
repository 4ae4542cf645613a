package sqlstore

import (
	"io/fs"
	"path"
	"strings"
	"testing"
)

// TestMigrationsSayWhoCanWorkWithThem: of each since there is such a table it is known whether nodes of the version before may stay.
func TestMigrationsSayWhoCanWorkWithThem(t *testing.T) {
	const begins = "0008_nodes.sql"
	const nobody = "-- No program before this one can work with it."
	files, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := path.Base(file)
		if name <= begins {
			continue
		}
		text, err := migrations.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		says := "INSERT INTO compatible (migration, knows) VALUES ('" + name + "', "
		if !strings.Contains(string(text), says) && !strings.Contains(string(text), nobody) {
			t.Errorf("%s has neither %q nor the line %q", name, says, nobody)
		}
	}
}
