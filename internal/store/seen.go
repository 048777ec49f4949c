package store

import (
	"strings"

	"bando/geodata"
	"bando/geodata/past"
	"bando/internal/auth"
)

// sight is what a reader sees of one layer's entries of the log (alias e), as SQL.
type sight struct {
	// seen holds where the entry tells the reader something: of a feature that can be seen still, or could when it was deleted;
	// that could be seen after it, or before a deletion; in attributes or a place that are shown.
	seen string
	// before holds where the feature could be seen before the entry too.
	before string
	// own holds where the feature is the reader's own, of which all is shown.
	own string
	// name is what the feature was called after it, as far as the reader may know.
	name string
}

// sight puts the conditions together. Each entry is judged by what the feature was then, which the entries behind it tell.
func (v *view) sight(who auth.Person) sight {
	s := sight{seen: "true", before: "true", own: "true", name: v.calledThen()}
	if v.audience == geodata.Staff {
		return s
	}
	needs := v.judgedBy(who)
	after, before := v.row(needs, false), v.row(needs, true)
	s.own = "false"
	if v.own != "" {
		s.own = "coalesce((SELECT " + v.own + " FROM " + after + "), false)"
	}
	told := "e.op <> 'update' OR e.after ?| " + v.arg(names(v.fields)) + "::text[]"
	if !v.rounded() { // how far it was moved within the square that is shown is hidden
		told += " OR e.before_geom IS NOT NULL OR e.after_geom IS NOT NULL"
	}
	if v.own != "" {
		told += " OR " + s.own
	}
	if len(needs) == 0 { // every row of the layer is for the reader, or none
		s.before = v.rows()
		s.seen = "(" + s.before + " AND (" + told + "))"
		return s
	}
	s.before = "EXISTS (SELECT FROM " + before + " WHERE " + v.rows() + ")"
	s.seen = "(CASE e.op WHEN 'delete' THEN " + s.before + " ELSE EXISTS (SELECT FROM " + after + " WHERE " + v.rows() + ") END AND (" + told + ") AND " +
		v.still("e.feature") + ")"
	return s
}

// judgedBy are the attributes that decide whether the reader sees a row.
func (v *view) judgedBy(who auth.Person) []string {
	var needs []string
	if v.sh.layer.Public.Visible {
		for _, c := range v.sh.layer.Public.When {
			needs = append(needs, c.Field)
		}
	}
	if field, _, ok := auth.Owns(who, v.sh.layer); ok {
		needs = append(needs, field)
	}
	return needs
}

// row is a row, alias f, of attributes as they were after the entry, or before it. Of a deletion there is only before.
func (v *view) row(names []string, before bool) string {
	columns := make([]string, len(names))
	for i, name := range names {
		state := v.then(name)
		was := statement("state_before", "{name}", literal(name), "{after}", state)
		if before {
			state = was
		} else {
			state = "CASE e.op WHEN 'delete' THEN " + was + " ELSE " + state + " END"
		}
		columns[i] = "(" + state + ") AS " + ident(name)
	}
	return "(SELECT " + strings.Join(columns, ", ") + ") f"
}

// then is an attribute as it was after the entry.
func (v *view) then(name string) string {
	return statement("state_after", "{name}", literal(name), "{column}", ident(name), "{table}", v.sh.table)
}

// calledThen is the feature's name then, or its code, of the attributes that the reader sees.
func (v *view) calledThen() string {
	var list []string
	for _, name := range []string{"name", "code"} {
		if _, ok := findField(v.fields, name); ok {
			list = append(list, "CASE e.op WHEN 'delete' THEN e.before ->> "+literal(name)+" ELSE "+v.then(name)+" END")
		}
	}
	if len(list) == 0 {
		return "NULL"
	}
	return "coalesce(" + strings.Join(list, ", ") + ")"
}

// still holds where what could be seen of a feature can be seen still: it is there for the reader, or was when it was deleted.
func (v *view) still(feature string) string {
	return past.Still(v.sh.layer.ID, feature, v.rows())
}

func names(fields []geodata.Field) []string {
	list := make([]string, len(fields))
	for i, f := range fields {
		list[i] = f.Name
	}
	return list
}
