//go:build !otlp

package badday_test

const tags = ""
