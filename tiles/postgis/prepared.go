package postgis

import (
	"sync"

	"github.com/jackc/pgx/v5"
)

// maxSharedParts bounds the parts of all statements of several layers that are kept prepared. A part takes about 120 KB on
// every connection, and readers choose which layers they combine: without a bound they could fill the server's memory.
const maxSharedParts = 128

// prepared remembers which statements of several layers are worth keeping: the first ones. Others are planned each time.
type prepared struct {
	mu    sync.Mutex
	parts int
	known map[string]bool
}

// mode tells pgx whether to keep the statement. Those of one layer are always kept: the catalogue bounds them.
func (p *prepared) mode(st *statement) pgx.QueryExecMode {
	if st.once {
		return pgx.QueryExecModeCacheDescribe
	}
	if st.layers <= 1 {
		return pgx.QueryExecModeCacheStatement
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known[st.sql] {
		return pgx.QueryExecModeCacheStatement
	}
	if p.parts+st.layers > maxSharedParts {
		return pgx.QueryExecModeCacheDescribe
	}
	if p.known == nil {
		p.known = make(map[string]bool)
	}
	p.known[st.sql] = true
	p.parts += st.layers
	return pgx.QueryExecModeCacheStatement
}
