//go:build !race

package badday_test

const raceEnabled = false
