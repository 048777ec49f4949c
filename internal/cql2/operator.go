package cql2

import "strings"

// class is what operators have in common: how they are written in text and what they take.
type class int

const (
	logical class = iota + 1
	comparison
	special // like, between, in, isNull: each with a spelling of its own
	folding
	arithmetic
	spatial
	temporal
	array
)

type operator struct {
	class    class
	min, max int
}

// operators are the operators by their names in CQL2 JSON.
func operators(name string) (operator, bool) {
	switch name {
	case "and", "or":
		return operator{logical, 2, MaxLiterals}, true
	case "not":
		return operator{logical, 1, 1}, true
	case "=", "<>", "<", ">", "<=", ">=":
		return operator{comparison, 2, 2}, true
	case "like", "in":
		return operator{special, 2, 2}, true
	case "between":
		return operator{special, 3, 3}, true
	case "isNull":
		return operator{special, 1, 1}, true
	case "casei", "accenti":
		return operator{folding, 1, 1}, true
	case "+", "-", "*", "/", "^", "%", "div":
		return operator{arithmetic, 2, 2}, true
	case "s_intersects", "s_equals", "s_disjoint", "s_touches", "s_within", "s_overlaps", "s_crosses", "s_contains":
		return operator{spatial, 2, 2}, true
	case "t_after", "t_before", "t_contains", "t_disjoint", "t_during", "t_equals", "t_finishedBy", "t_finishes",
		"t_intersects", "t_meets", "t_metBy", "t_overlappedBy", "t_overlaps", "t_startedBy", "t_starts":
		return operator{temporal, 2, 2}, true
	case "a_equals", "a_contains", "a_containedBy", "a_overlaps":
		return operator{array, 2, 2}, true
	}
	return operator{}, false
}

// called returns the operator that text writes as a call, whatever its case: T_METBY is t_metBy.
func called(word string) (string, bool) {
	name := strings.ToLower(word)
	switch name {
	case "t_finishedby":
		name = "t_finishedBy"
	case "t_metby":
		name = "t_metBy"
	case "t_overlappedby":
		name = "t_overlappedBy"
	case "t_startedby":
		name = "t_startedBy"
	case "a_containedby":
		name = "a_containedBy"
	}
	op, ok := operators(name)
	return name, ok && op.class >= folding && op.class != arithmetic
}

// isReserved tells whether a bare word cannot be a property's name in text.
func isReserved(word string) bool {
	switch strings.ToUpper(word) {
	case "AND", "OR", "NOT", "LIKE", "BETWEEN", "IN", "IS", "NULL", "TRUE", "FALSE", "DIV":
		return true
	}
	return false
}

// isFunctionName tells whether both languages can write a call of a function with the name.
func isFunctionName(name string) bool {
	if !isIdentifier(name) || isReserved(name) || wktKind(name) != 0 {
		return false
	}
	if _, ok := operators(name); ok {
		return false
	}
	if _, ok := called(name); ok {
		return false
	}
	switch strings.ToUpper(name) {
	case "BBOX", "DATE", "TIMESTAMP", "INTERVAL":
		return false
	}
	return true
}

func wktKind(word string) Kind {
	for k, n := range kindNames {
		if k > 0 && strings.EqualFold(n, word) {
			return Kind(k)
		}
	}
	return 0
}
