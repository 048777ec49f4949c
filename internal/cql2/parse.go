package cql2

import (
	"slices"
	"strings"
)

// parser descends through the words: or, and, not, predicate, sum, product, power, sign, primary. Booleans and values
// share one ladder, because the standard lets either stand in parentheses where the other begins; what may stand where
// is left to the types.
type parser struct {
	tokens []token
	i      int
	depth  int
}

func (p *parser) peek() token { return p.tokens[p.i] }

func (p *parser) take() token {
	t := p.tokens[p.i]
	if t.kind != end {
		p.i++
	}
	return t
}

// isSign tells whether the next word is one of the signs.
func (p *parser) isSign(signs ...string) bool {
	t := p.peek()
	return t.kind == sign && slices.Contains(signs, t.text)
}

// isWord tells whether the word n places ahead is the keyword, in any case.
func (p *parser) isWord(n int, keyword string) bool {
	if p.i+n >= len(p.tokens) {
		return false
	}
	t := p.tokens[p.i+n]
	return t.kind == word && strings.EqualFold(t.text, keyword)
}

func (p *parser) expect(s string) error {
	if !p.isSign(s) {
		return p.unexpected("«"+s+"»", "«"+s+"»")
	}
	p.i++
	return nil
}

// unexpected says what stands next, and what should.
func (p *parser) unexpected(vi, en string) error {
	t := p.peek()
	if t.kind == end {
		return failf(t.at, "Bộ lọc kết thúc ở đây; cần "+vi+".", "The filter ends here; expected "+en+".")
	}
	return failf(t.at, "Gặp «%s»; cần "+vi+".", "Found «%s»; expected "+en+".", clip(t.text))
}

func (p *parser) enter() error {
	p.depth++
	if p.depth > maxNesting {
		return tooDeep(p.peek().at)
	}
	return nil
}

func (p *parser) expression() (Expr, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	return p.chain("or", func() (Expr, error) { return p.chain("and", p.not) })
}

// chain reads operands with the keyword between them into one node.
func (p *parser) chain(keyword string, operand func() (Expr, error)) (Expr, error) {
	first, err := operand()
	if err != nil || !p.isWord(0, keyword) {
		return first, err
	}
	args := []Expr{first}
	for p.isWord(0, keyword) {
		p.i++
		next, err := operand()
		if err != nil {
			return nil, err
		}
		args = append(args, next)
	}
	return checked(Op{first.Pos(), keyword, args})
}

func (p *parser) not() (Expr, error) {
	if !p.isWord(0, "not") {
		return p.predicate()
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	at := p.take().at
	arg, err := p.not()
	if err != nil {
		return nil, err
	}
	return checked(Op{at, "not", []Expr{arg}})
}

func (p *parser) predicate() (Expr, error) {
	left, err := p.sum()
	if err != nil {
		return nil, err
	}
	if p.isSign("=", "<>", "<", ">", "<=", ">=") {
		name := p.take().text
		right, err := p.sum()
		if err != nil {
			return nil, err
		}
		if p.isSign("=", "<>", "<", ">", "<=", ">=") {
			return nil, p.unexpected("AND, OR hoặc dấu ngoặc quanh phép so sánh", "AND, OR or parentheses around the comparison")
		}
		return checked(Op{left.Pos(), name, []Expr{left, right}})
	}
	if p.isWord(0, "is") {
		return p.isNull(left)
	}
	negated := p.isWord(0, "not") && (p.isWord(1, "like") || p.isWord(1, "between") || p.isWord(1, "in"))
	if negated {
		p.i++
	}
	var e Expr
	switch {
	case p.isWord(0, "like"):
		e, err = p.like(left)
	case p.isWord(0, "between"):
		e, err = p.between(left)
	case p.isWord(0, "in"):
		e, err = p.in(left)
	default:
		return left, nil
	}
	if err != nil || !negated {
		return e, err
	}
	return Op{left.Pos(), "not", []Expr{e}}, nil
}

func (p *parser) isNull(left Expr) (Expr, error) {
	p.i++
	negated := p.isWord(0, "not")
	if negated {
		p.i++
	}
	if !p.isWord(0, "null") {
		return nil, p.unexpected("NULL", "NULL")
	}
	p.i++
	e, err := checked(Op{left.Pos(), "isNull", []Expr{left}})
	if err != nil || !negated {
		return e, err
	}
	return Op{left.Pos(), "not", []Expr{e}}, nil
}

func (p *parser) like(left Expr) (Expr, error) {
	p.i++
	pattern, err := p.sum()
	if err != nil {
		return nil, err
	}
	return checked(Op{left.Pos(), "like", []Expr{left, pattern}})
}

func (p *parser) between(left Expr) (Expr, error) {
	p.i++
	low, err := p.sum()
	if err != nil {
		return nil, err
	}
	if !p.isWord(0, "and") {
		return nil, p.unexpected("AND và cận trên của BETWEEN", "AND and the upper bound of BETWEEN")
	}
	p.i++
	high, err := p.sum()
	if err != nil {
		return nil, err
	}
	return checked(Op{left.Pos(), "between", []Expr{left, low, high}})
}

func (p *parser) in(left Expr) (Expr, error) {
	p.i++
	at := p.peek().at
	if err := p.expect("("); err != nil {
		return nil, err
	}
	items, err := p.list(p.expression)
	if err != nil {
		return nil, err
	}
	return checked(Op{left.Pos(), "in", []Expr{left, Array{at, items}}})
}

// list reads one or more items and the closing parenthesis.
func (p *parser) list(item func() (Expr, error)) ([]Expr, error) {
	var items []Expr
	for {
		e, err := item()
		if err != nil {
			return nil, err
		}
		items = append(items, e)
		if p.isSign(")") {
			p.i++
			return items, nil
		}
		if !p.isSign(",") {
			return nil, p.unexpected("«,» hoặc «)»", "«,» or «)»")
		}
		p.i++
	}
}

func (p *parser) sum() (Expr, error) {
	return p.leftToRight(p.product, func() bool { return p.isSign("+", "-") })
}

func (p *parser) product() (Expr, error) {
	return p.leftToRight(p.power, func() bool { return p.isSign("*", "/", "%") || p.isWord(0, "div") })
}

func (p *parser) leftToRight(operand func() (Expr, error), more func() bool) (Expr, error) {
	left, err := operand()
	for n := 0; err == nil && more(); n++ {
		if n == MaxDepth {
			return nil, tooDeep(p.peek().at)
		}
		name := strings.ToLower(p.take().text)
		var right Expr
		if right, err = operand(); err == nil {
			left, err = checked(Op{left.Pos(), name, []Expr{left, right}})
		}
	}
	if err != nil {
		return nil, err
	}
	return left, nil
}

// power binds to the right: 2 ^ 3 ^ 2 is 2 ^ (3 ^ 2). A sign binds tighter: -2 ^ 2 is (-2) ^ 2.
func (p *parser) power() (Expr, error) {
	base, err := p.signed()
	if err != nil || !p.isSign("^") {
		return base, err
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	p.i++
	exponent, err := p.power()
	if err != nil {
		return nil, err
	}
	return checked(Op{base.Pos(), "^", []Expr{base, exponent}})
}

// signed reads -x as -1 * x, which is how the standard's own examples write it in JSON.
func (p *parser) signed() (Expr, error) {
	if !p.isSign("-", "+") {
		return p.primary()
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer func() { p.depth-- }()
	t := p.take()
	if p.peek().kind == number {
		n, _ := canonical(p.take().text)
		if t.text == "-" && n != "0" {
			n = "-" + n
		}
		return Number{t.at, n}, nil
	}
	if t.text == "+" {
		return nil, p.unexpected("một số", "a number")
	}
	operand, err := p.signed()
	if err != nil {
		return nil, err
	}
	return checked(Op{t.at, "*", []Expr{Number{t.at, "-1"}, operand}})
}
