package pages

import "html/template"

// Frame is what all pages have.
type Frame struct {
	// Lang is the language of the page, "vi" or "en".
	Lang string
	// Site is the name of the map, Title that of the page; Summary is a sentence for search engines.
	Site, Title, Summary string
	// Here is the page's own address, Other that of the same page in the other language.
	Here, Other string
	// Trail leads from the first page to the one above this.
	Trail []Link
	// Formats are other representations of the same document.
	Formats []Link
	// Notice is a sentence that readers must see, such as that the data is a demo; may be empty.
	Notice string
	// Linked is what the page says in JSON-LD; nil for nothing.
	Linked any
	// Hidden keeps the page out of search engines.
	Hidden bool
}

// Link leads somewhere.
type Link struct{ Href, Title, Type string }

// Fact is a thing that is said of something.
type Fact struct {
	Name  string
	Value string
	Href  string // where the value leads, if anywhere
}

// Catalogue lists the collections by themes.
type Catalogue struct {
	Frame
	// Ways lead to the map, the API's definition and the like.
	Ways   []Link
	Themes []Theme
}

// Theme is a part of the catalogue.
type Theme struct {
	Title       string
	Collections []Entry
}

// Entry is a collection in the catalogue.
type Entry struct {
	Href, ID, Title, Description string
	Count                        string // of features
}

// Collection describes one.
type Collection struct {
	Frame
	Description string
	Facts       []Fact
	Ways        []Link // to its features, its map, its tiles, what can be asked of it
	Fields      []Field
}

// Field is an attribute as people read of it.
type Field struct {
	Name, Title, Help, Type, Unit string
	Codes                         []Code
}

// Code is one of the values that an attribute may have.
type Code struct{ Value, Title string }

// Items is a page of features as a table.
type Items struct {
	Frame
	// Matched says how many features there are in all.
	Matched string
	// Columns are the titles of the attributes shown, Rows the features.
	Columns        []string
	Rows           []Row
	Previous, Next string // addresses; empty without
}

// Row is one feature of the table.
type Row struct {
	Href, Name string
	Cells      []string
}

// Item is one feature.
type Item struct {
	Frame
	Facts []Fact
	// Sketch is a drawing of where it is, made by Sketch; empty without a place.
	Sketch template.HTML
	// Where is a place in words, such as degrees.
	Where string
	// Map leads to the feature on the map.
	Map string
}

// Fields are the attributes of a collection that can be asked for, or that its features have.
type Fields struct {
	Frame
	Intro  string
	Fields []Field
}

// List is a document that is little more than a list, such as the conformance classes.
type List struct {
	Frame
	Intro string
	Lines []Link
}

// Table is a document whose substance is a table: the cells of a row stand behind its name.
type Table struct {
	Frame
	Intro   string
	Ways    []Link
	Facts   []Fact
	Columns []string // that of the names first
	Rows    []Row
}

// Operations is the definition of the API for people.
type Operations struct {
	Frame
	Intro  string
	Groups []OperationGroup
}

// OperationGroup is the operations of one part of the API.
type OperationGroup struct {
	Title      string
	Operations []Operation
}

// Operation is one method of one address.
type Operation struct {
	Method, Path, Summary string
	Parameters            []Parameter
	Answers               []Answer
}

// Parameter is one of an operation's.
type Parameter struct{ Name, In, Type, Text string }

// Answer is what an operation answers with.
type Answer struct{ Status, Text, Types string }

// Problem is a fault.
type Problem struct {
	Frame
	Status int
	Code   string
	Detail string
	Field  string // the parameter or attribute at fault; may be empty
	Trace  string // to find it in the server's log
}

func (Catalogue) template() string  { return "catalogue.html" }
func (Collection) template() string { return "collection.html" }
func (Items) template() string      { return "items.html" }
func (Item) template() string       { return "item.html" }
func (Fields) template() string     { return "fields.html" }
func (List) template() string       { return "list.html" }
func (Table) template() string      { return "table.html" }
func (Operations) template() string { return "operations.html" }
func (Problem) template() string    { return "problem.html" }
