package main

import (
	"os"
	"runtime/debug"

	"bando/internal/config"
)

// room is what the server takes beside layers and tiles, in bytes: the program, requests, tiles being drawn.
const room = 256 << 20

// boundMemory tells the garbage collector where to become eager: otherwise the heap may grow to twice of what the layers
// take before it looks. A GOMEMLIMIT of the installation's own stands.
func boundMemory(s config.Settings) {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(s.MemoryBytes + s.MemoryBytes/8 + s.CacheBytes + room)
	}
}
