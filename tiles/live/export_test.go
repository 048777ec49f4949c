package live

// SetBulk sets how many changes a layer takes in one go. It is called before the engine is told of any.
func (e *Engine) SetBulk(rows int) { e.bulk = rows }
