//go:build !unix

package main

// privately calls do. What is made meanwhile is as private as its folder.
func privately(do func()) { do() }
