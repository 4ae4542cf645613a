//go:build race

package account_test

const isRaceEnabled = true
