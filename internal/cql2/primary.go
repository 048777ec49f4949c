package cql2

import "strings"

const (
	valueVI = "thuộc tính, giá trị, hàm hoặc «(»"
	valueEN = "a property, a value, a function or «(»"
)

func (p *parser) primary() (Expr, error) {
	t := p.peek()
	switch t.kind {
	case number:
		p.i++
		n, _ := canonical(t.text)
		return Number{t.at, n}, nil
	case text:
		p.i++
		return String{t.at, t.text}, nil
	case quotedName:
		p.i++
		return Ref{t.at, t.text}, nil
	case sign:
		if t.text == "(" {
			return p.group()
		}
	case word:
		return p.named()
	case end:
	}
	return nil, p.unexpected(valueVI, valueEN)
}

// group reads parentheses: around one expression they only group, around none or several they are an array.
func (p *parser) group() (Expr, error) {
	at := p.take().at
	if p.isSign(")") {
		p.i++
		return Array{at, nil}, nil
	}
	if p.commaBefore(p.tokens[p.i-1].match) {
		return p.array(at)
	}
	e, err := p.expression()
	if err != nil {
		return nil, err
	}
	return e, p.expect(")")
}

// commaBefore looks for a comma of this level. Looking first and not reading twice keeps nested arrays cheap.
func (p *parser) commaBefore(closing int) bool {
	for i := p.i; i < closing; i++ {
		switch t := p.tokens[i]; {
		case t.kind != sign:
		case t.text == "(":
			i = t.match
		case t.text == ",":
			return true
		}
	}
	return false
}

// array reads the items of an array whose parenthesis has been taken.
func (p *parser) array(at Position) (Expr, error) {
	if p.isSign(")") {
		p.i++
		return Array{at, nil}, nil
	}
	items, err := p.list(p.element)
	if err != nil {
		return nil, err
	}
	return Array{at, items}, nil
}

// element reads an item of an array or an argument of a function. There the grammar lets ('a') be an array of one item
// as well as a value in parentheses; it is an array unless what it holds is a calculation or a condition.
func (p *parser) element() (Expr, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	if !p.isSign("(") {
		return p.expression()
	}
	open := p.peek()
	after := p.tokens[open.match+1]
	if after.kind != sign || after.text != "," && after.text != ")" {
		return p.expression()
	}
	p.i++
	e, err := p.array(open.at)
	if err != nil {
		return nil, err
	}
	if a, ok := e.(Array); ok && len(a.Items) == 1 {
		if op, ok := a.Items[0].(Op); ok {
			return op, nil
		}
	}
	return e, nil
}

// named reads what begins with a bare word.
func (p *parser) named() (Expr, error) {
	t := p.peek()
	upper := strings.ToUpper(t.text)
	switch {
	case upper == "TRUE" || upper == "FALSE":
		p.i++
		return Bool{t.at, upper == "TRUE"}, nil
	case isReserved(t.text):
		return nil, p.unexpected(valueVI, valueEN)
	}
	if kind := wktKind(t.text); kind != 0 && p.geometryFollows() {
		return p.geometry()
	}
	if next := p.tokens[p.i+1]; next.kind != sign || next.text != "(" {
		p.i++
		return Ref{t.at, t.text}, nil
	}
	switch upper {
	case "DATE", "TIMESTAMP":
		return p.instant()
	case "INTERVAL":
		return p.interval()
	case "BBOX":
		return p.bbox()
	}
	if name, ok := called(t.text); ok {
		return p.operator(name)
	}
	return p.call()
}

func (p *parser) operator(name string) (Expr, error) {
	op, _ := operators(name)
	item := p.expression
	if op.class == array {
		item = p.arrayOperand
	}
	at := p.take().at
	p.i++
	if p.isSign(")") {
		return nil, p.unexpected(valueVI, valueEN)
	}
	args, err := p.list(item)
	if err != nil {
		return nil, err
	}
	if len(args) != op.min {
		return nil, failf(at, "%s cần %d đối số, có %d.", "%s takes %d arguments, not %d.", strings.ToUpper(name), op.min, len(args))
	}
	return checked(Op{at, name, args})
}

// arrayOperand reads an operand of A_EQUALS and its like, where parentheses are always those of an array.
func (p *parser) arrayOperand() (Expr, error) {
	if !p.isSign("(") {
		return p.expression()
	}
	return p.array(p.take().at)
}

func (p *parser) call() (Expr, error) {
	t := p.peek()
	if !isFunctionName(t.text) {
		return nil, p.unexpected(valueVI, valueEN)
	}
	p.i += 2
	if p.isSign(")") {
		p.i++
		return Call{t.at, t.text, nil}, nil
	}
	args, err := p.list(p.element)
	if err != nil {
		return nil, err
	}
	return Call{t.at, t.text, args}, nil
}
