// Package static carries the web app: index.html, and under assets the scripts, style sheets and fonts it loads.
// The files are made by "npm run build" in this folder; a program built before that serves none.
package static

import (
	"embed"
	"io/fs"
)

//go:embed all:dist
var dist embed.FS

// Files gives the built web app with index.html at its root. Paths are slash-separated, e.g. "assets/main.js".
func Files() fs.FS {
	files, err := fs.Sub(dist, "dist")
	if err != nil {
		panic(err) // the folder's name is the constant that is embedded above
	}
	return files
}
