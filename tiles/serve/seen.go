package serve

import (
	"time"

	"bando/tiles"
)

// Seen is what was seen of one request for a tile.
type Seen struct {
	// Way is how the tile was made; empty when there is none, because the request or its making failed.
	Way           tiles.Way
	Cached, Stale bool
	Status        int // of the answer
	Bytes         int // of its body
	Took          time.Duration
}
