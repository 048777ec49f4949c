package cql2

import "strings"

// checked holds an operator against what the grammar lets it take, whichever language it was read from.
func checked(op Op) (Expr, error) {
	o, _ := operators(op.Name)
	for i, arg := range op.Args {
		_, isArray := arg.(Array)
		switch {
		case o.class == array:
			switch arg.(type) {
			case Array, Ref, Call:
			default:
				return nil, failf(arg.Pos(), "%s cần mảng, thuộc tính hoặc hàm.", "%s takes arrays, properties or functions.",
					strings.ToUpper(op.Name))
			}
		case op.Name == "in" && i == 1:
			if err := checkedList(arg); err != nil {
				return nil, err
			}
		case isArray:
			return nil, failf(arg.Pos(), "Mảng chỉ dùng trong A_EQUALS, A_CONTAINS, A_CONTAINEDBY, A_OVERLAPS, IN và hàm.",
				"An array stands in A_EQUALS, A_CONTAINS, A_CONTAINEDBY, A_OVERLAPS, IN and functions only.")
		}
	}
	if op.Name == "like" {
		return op, checkedPattern(op.Args[1])
	}
	return op, nil
}

func checkedList(arg Expr) error {
	list, ok := arg.(Array)
	if !ok || len(list.Items) == 0 {
		return failf(arg.Pos(), "IN cần danh sách có ít nhất một giá trị.", "IN takes a list of one value at least.")
	}
	for _, item := range list.Items {
		if _, nested := item.(Array); nested {
			return failf(item.Pos(), "Danh sách của IN không chứa mảng.", "The list of IN holds no arrays.")
		}
	}
	return nil
}

// checkedPattern: a pattern is a literal, perhaps within CASEI and ACCENTI, and a backslash in it has what it escapes.
func checkedPattern(e Expr) error {
	switch e := e.(type) {
	case String:
		if n := len(e.Value) - len(strings.TrimRight(e.Value, `\`)); n%2 == 1 {
			return failf(e.Position, `Mẫu LIKE kết thúc bằng «\» lẻ; viết «\\» để tìm chính dấu đó.`,
				`The LIKE pattern ends in a single «\»; write «\\» to look for the sign itself.`)
		}
		return nil
	case Op:
		if e.Name == "casei" || e.Name == "accenti" {
			return checkedPattern(e.Args[0])
		}
	}
	return failf(e.Pos(), "LIKE cần mẫu là chuỗi '…', có thể nằm trong CASEI hoặc ACCENTI.",
		"LIKE takes a pattern in quotes '…', perhaps within CASEI or ACCENTI.")
}
