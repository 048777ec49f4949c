package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"bando/geodata"
)

// Count is how many features a query matches, on all pages. An estimate is the database's own, out of its statistics.
type Count struct {
	N         int64
	Estimated bool
}

// Beyond these a count is estimated: so many rows are never counted one by one for a page of some of them.
const (
	maxCounted  = 100_000
	maxCounting = time.Second
)

// Matched counts the features that the query matches, on all pages: exactly up to 100,000, beyond that, or when counting takes
// longer than a second, by the database's estimate. A count is kept until the log has a newer revision, so that a walk over
// the pages counts once.
func (s *Store) Matched(ctx context.Context, q Query) (Count, error) {
	v, source, err := s.reading(ctx, s.pool, q)
	if err != nil {
		return Count{}, err
	}
	where, err := v.where(q)
	if err != nil {
		return Count{}, err
	}
	var revision geodata.Revision
	if err := s.pool.QueryRow(ctx, statement("head")).Scan(&revision); err != nil {
		return Count{}, failed(ctx, err, "read the newest revision")
	}
	key := countKey(source+where, v.args)
	if n, ok := s.counts.get(revision, key); ok {
		return n, nil
	}
	n, err := s.count(ctx, v, source, where)
	if err != nil {
		return n, failed(ctx, err, "count features of layer %s", q.Layer)
	}
	s.counts.put(revision, key, n)
	return n, nil
}

func (s *Store) count(ctx context.Context, v *view, source, where string) (Count, error) {
	var n Count
	short, cancel := context.WithTimeout(ctx, maxCounting)
	defer cancel()
	sql := statement("matched", "{source}", source, "{where}", where, "{most}", fmt.Sprint(maxCounted+1))
	err := s.pool.QueryRow(short, sql, v.args...).Scan(&n.N)
	if err != nil && !errors.Is(short.Err(), context.DeadlineExceeded) {
		return n, err
	}
	if err == nil && n.N <= maxCounted {
		return n, nil
	}
	var plan []struct {
		Plan struct {
			Rows float64 `json:"Plan Rows"`
		}
	}
	counted := n.N
	err = s.pool.QueryRow(ctx, statement("estimate", "{source}", source, "{where}", where), v.args...).Scan(&plan)
	if err != nil || len(plan) != 1 {
		return n, errors.Join(err, errNoPlan)
	}
	return Count{N: max(int64(plan[0].Plan.Rows), counted), Estimated: true}, nil
}

var errNoPlan = errors.New("the database gave no estimate")

// counts remembers what was counted at one revision of the log.
type counts struct {
	mu       sync.Mutex
	revision geodata.Revision
	known    map[string]Count
}

// maxKnown bounds how many counts are kept, longestKey the bytes of what one is known by.
const (
	maxKnown   = 2000
	longestKey = 4000
)

func countKey(sql string, args []any) string {
	var key strings.Builder
	key.WriteString(sql)
	for _, a := range args {
		_, _ = fmt.Fprintf(&key, "\x00%#v", a)
	}
	return key.String()
}

func (c *counts) get(at geodata.Revision, key string) (Count, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	n, ok := c.known[key]
	return n, ok && c.revision == at
}

func (c *counts) put(at geodata.Revision, key string, n Count) {
	if len(key) > longestKey {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.revision != at || len(c.known) >= maxKnown || c.known == nil {
		c.revision, c.known = at, map[string]Count{}
	}
	c.known[key] = n
}
