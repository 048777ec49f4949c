package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/paulmach/orb/encoding/mvt"

	"bando/geodata"
	"bando/tiles"
)

// stage is a server of the storm.
type stage struct {
	address atomic.Pointer[string]
	// known is the newest revision that the server has acknowledged: whatever is asked of it from then on shows it.
	known atomic.Int64
	// away is set while the server is killed and started again; what fails meanwhile is no fault.
	away atomic.Bool
}

func newStage(address string) *stage {
	s := &stage{}
	s.address.Store(&address)
	return s
}

func (s *stage) acknowledge(revision int64) {
	for {
		old := s.known.Load()
		if old >= revision || s.known.CompareAndSwap(old, revision) {
			return
		}
	}
}

// excuse takes an error for none where the server is away, or has been since it had that address, or the storm is over.
func (s *stage) excuse(ctx context.Context, address *string, err error) error {
	if ctx.Err() == nil && !s.away.Load() && s.address.Load() == address {
		return err
	}
	return nil
}

// looker asks for tiles as browsers and programs do, and remembers what it was given for If-None-Match.
type looker struct {
	http     *http.Client
	audience geodata.Audience
	chance   *rand.Rand
	memory   map[string]map[string]map[string]string // address → ETag → codes
}

// mostRemembered bounds the tiles that a reader remembers.
const mostRemembered = 3000

var encodings = []string{"", "gzip", "zstd", "gzip, zstd, br", "identity", "zstd;q=0.5, gzip;q=1.0"}

// look asks a server for a tile. Whatever is neither the tile nor a 304 of a tile that it was given before is an error.
func (r *looker) look(ctx context.Context, s *stage, c tiles.Coord, ids ...string) (sight, error) {
	url := fmt.Sprintf("%s/tiles/%s/%s", *s.address.Load(), strings.Join(ids, ","), c)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return sight{}, err
	}
	if accept := encodings[r.chance.IntN(len(encodings))]; accept != "" {
		request.Header.Set("Accept-Encoding", accept)
	}
	remembered := r.memory[url]
	if len(remembered) > 0 && r.chance.IntN(4) > 0 {
		request.Header.Set("If-None-Match", strings.Join(slices.Collect(maps.Keys(remembered)), ", "))
	}
	got := sight{coord: c, layers: ids, audience: r.audience, known: s.known.Load()}
	answer, err := r.http.Do(request)
	if err != nil {
		return got, err
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return got, err
	}
	got.revision, _ = strconv.ParseInt(answer.Header.Get("Bando-Revision"), 10, 64)
	tag := answer.Header.Get("ETag")
	switch answer.StatusCode {
	case http.StatusNoContent:
		return got, nil
	case http.StatusNotModified:
		var known bool
		if got.codes, known = remembered[tag]; !known || request.Header.Get("If-None-Match") == "" {
			return got, fmt.Errorf("%s: 304 with a tag that was not asked about: %q", url, tag)
		}
		return got, nil
	case http.StatusOK:
		got.codes, err = codesIn(answer.Header.Get("Content-Encoding"), body)
		r.remember(url, tag, got.codes)
		return got, err
	default:
		return got, fmt.Errorf("%s: %s: %s", url, answer.Status, tail(string(body), 300))
	}
}

func (r *looker) remember(url, tag string, codes map[string]string) {
	if len(r.memory) >= mostRemembered {
		clear(r.memory)
	}
	if r.memory[url] == nil || len(r.memory[url]) > 5 {
		r.memory[url] = map[string]map[string]string{}
	}
	r.memory[url][tag] = codes
}

// codesIn unpacks a tile and lists the codes of the storm's features in it, by slot.
func codesIn(encoding string, body []byte) (map[string]string, error) {
	data, err := unpacked(encoding, body)
	if err != nil {
		return nil, err
	}
	decoded, err := mvt.Unmarshal(data)
	if err != nil {
		return nil, err
	}
	codes := map[string]string{}
	for _, l := range decoded {
		for _, f := range l.Features {
			code, _ := f.Properties["code"].(string)
			name, _, ok := strings.Cut(code, ".")
			if !ok || !strings.HasPrefix(name, slotMark) {
				continue
			}
			if other := codes[name]; other != "" && other != code {
				return nil, fmt.Errorf("the tile shows a feature as %s and as %s", other, code)
			}
			codes[name] = code
		}
	}
	return codes, nil
}

// slotMark begins the names of slots.
const slotMark = "~"

func unpacked(encoding string, body []byte) ([]byte, error) {
	switch encoding {
	case "":
		return body, nil
	case "gzip":
		z, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return nil, err
		}
		return io.ReadAll(z)
	case "zstd":
		z, err := zstd.NewReader(bytes.NewReader(body), zstd.WithDecoderConcurrency(1))
		if err != nil {
			return nil, err
		}
		defer z.Close()
		return io.ReadAll(z)
	default:
		return nil, fmt.Errorf("encoding %q was not asked for", encoding)
	}
}
