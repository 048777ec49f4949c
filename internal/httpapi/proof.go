package httpapi

import (
	"bytes"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"bando/geodata"
	"bando/internal/fault"
	"bando/internal/features"
	"bando/internal/pages"
	"bando/internal/proof"
	"bando/internal/sheet"
	"bando/internal/store"
)

// proofHead is what the log is now, and how to hold it to that later.
type proofHead struct {
	Revision   geodata.Revision `json:"revision"`
	Hash       string           `json:"hash"`
	At         time.Time        `json:"at"`
	PublicKey  string           `json:"public_key"`
	Checkpoint *checkpoint      `json:"checkpoint"` // the newest; null while none was signed
	Links      []features.Link  `json:"links,omitempty"`
}

type checkpoint struct {
	Revision geodata.Revision `json:"revision"`
	Hash     string           `json:"hash"`
	At       time.Time        `json:"at"`
	Note     string           `json:"note"` // as it was signed
}

// featureProof is where a feature's history stands in the log's chain.
type featureProof struct {
	Collection string       `json:"collection"`
	Feature    int64        `json:"feature"`
	Entries    []chainEntry `json:"entries"`
	// Claim is what the address asks about; null when it asks about nothing.
	Claim *claim          `json:"claim"`
	Head  proofHead       `json:"head"`
	Links []features.Link `json:"links,omitempty"`
}

type chainEntry struct {
	Entry    string     `json:"entry"` // revision and ordinal: "12.3"
	At       time.Time  `json:"at"`
	Op       geodata.Op `json:"op"`
	Hash     string     `json:"hash"`
	Previous string     `json:"previous"`
}

// claim is an entry and its hash, as a sheet has them, and whether the log says the same.
type claim struct {
	Entry string `json:"entry"`
	Hash  string `json:"hash"`
	Holds bool   `json:"holds"`
}

func (a *API) head(r *http.Request) (proofHead, error) {
	revision, hash, at, err := a.Ledger.Head(r.Context())
	if err != nil {
		return proofHead{}, err
	}
	h := proofHead{Revision: revision, Hash: hash.String(), At: at, PublicKey: a.Ledger.Key.Public()}
	signed, found, err := a.Ledger.Newest(r.Context())
	if found {
		h.Checkpoint = &checkpoint{signed.Revision, signed.Hash.String(), signed.At, signed.Note}
	}
	return h, err
}

// proof answers GET /proof.
func (a *API) proof(w http.ResponseWriter, r *http.Request) error {
	if err := features.CheckQuery(r, "f"); err != nil {
		return err
	}
	head, err := a.head(r)
	if err != nil {
		return err
	}
	return a.Features.Respond(w, r, features.Document{
		JSON: func(ways []features.Link) any { head.Links = ways; return head },
		Page: func(f pages.Frame) pages.Page {
			say := func(vi, en string) string { return geodata.Text{VI: vi, EN: en}.In(f.Lang) }
			f.Title = say("Bằng chứng của nhật ký", "Proof of the log")
			intro := say("Mọi thay đổi của dữ liệu là một mục của nhật ký; mỗi mục mang mã băm của chính nó và mục đứng trước. Hãy giữ một mốc đã ký: sau này ai viết lại nhật ký sẽ lộ ra.",
				"Every change of the data is an entry of the log; each carries a hash of itself and the one before. Keep a signed checkpoint: whoever writes the log anew later is betrayed by it.")
			f.Summary = intro
			page := pages.Table{Frame: f, Intro: intro, Facts: []pages.Fact{
				{Name: say("Lần sửa mới nhất", "Newest revision"), Value: strconv.FormatInt(int64(head.Revision), 10)},
				{Name: "SHA-256", Value: head.Hash},
				{Name: say("Khóa công khai", "Public key"), Value: head.PublicKey},
			}, Columns: []string{say("Mốc đã ký gần nhất", "Newest signed checkpoint")}}
			if head.Checkpoint != nil {
				for line := range strings.Lines(head.Checkpoint.Note) {
					if line = strings.TrimSpace(line); line != "" {
						page.Rows = append(page.Rows, pages.Row{Name: line})
					}
				}
			}
			return page
		},
	})
}

var errClaim = fault.New(fault.Invalid, "parameter_invalid", fault.Text{
	VI: "Tham số “entry” có dạng 12.3 và “hash” là 64 chữ số thập lục phân, như in trên phiếu; cần cả hai.",
	EN: "Parameter “entry” looks like 12.3 and “hash” is 64 hexadecimal digits, as the sheet has them; both are needed.",
}).WithField("entry")

// proofOfFeature answers GET /collections/{collection}/items/{feature}/proof: the entries that the reader may see, as links
// of the chain, and whether the one that a sheet claims is among them.
func (a *API) proofOfFeature(w http.ResponseWriter, r *http.Request) error {
	if err := features.CheckQuery(r, "f", "entry", "hash"); err != nil {
		return err
	}
	asked := claim{Entry: r.URL.Query().Get("entry"), Hash: strings.ToLower(r.URL.Query().Get("hash"))}
	if (asked.Entry == "") != (asked.Hash == "") || asked.Entry != "" && len(asked.Hash) != 2*len(proof.Hash{}) {
		return errClaim
	}
	told, seen, err := a.chained(r)
	if err != nil {
		return err
	}
	doc := featureProof{Collection: r.PathValue("collection"), Entries: []chainEntry{}}
	if doc.Feature, err = features.FeatureID(r); err != nil {
		return err
	}
	for i, e := range seen {
		doc.Entries = append(doc.Entries, chainEntry{told[i].String(), e.At, e.Op, told[i].Hash.String(), told[i].Previous.String()})
	}
	if asked.Entry != "" {
		asked.Holds = slices.ContainsFunc(doc.Entries, func(e chainEntry) bool { return e.Entry == asked.Entry && e.Hash == asked.Hash })
		doc.Claim = &asked
	}
	if doc.Head, err = a.head(r); err != nil {
		return err
	}
	return a.Features.Respond(w, r, features.Document{
		JSON: func(ways []features.Link) any { doc.Links = ways; return doc },
		Page: func(f pages.Frame) pages.Page { return proofPage(f, doc) },
	})
}

func proofPage(f pages.Frame, doc featureProof) pages.Page {
	say := func(vi, en string) string { return geodata.Text{VI: vi, EN: en}.In(f.Lang) }
	f.Title = say("Kiểm tra lịch sử", "Check of the history") + ": " + doc.Collection + "/" + strconv.FormatInt(doc.Feature, 10)
	f.Hidden = true
	intro := say("Các mục của đối tượng này trong nhật ký, mới nhất ở trên.", "The entries of this feature in the log, the newest first.")
	if doc.Claim != nil {
		intro = say("KHÔNG KHỚP: nhật ký không có mục "+doc.Claim.Entry+" với mã băm này. Phiếu không đúng với dữ liệu, hoặc dữ liệu đã bị sửa.",
			"NO MATCH: the log has no entry "+doc.Claim.Entry+" with this hash. The sheet is not true of the data, or the data was changed.")
		if doc.Claim.Holds {
			intro = say("KHỚP: mục "+doc.Claim.Entry+" trên phiếu đúng là mục trong nhật ký.", "MATCH: entry "+doc.Claim.Entry+" of the sheet is the one in the log.")
		}
	}
	f.Summary = intro
	page := pages.Table{Frame: f, Intro: intro, Columns: []string{say("Mục", "Entry"), say("Lúc", "At"), say("Việc", "What"), "SHA-256"}, Ways: []pages.Link{
		{Href: "/proof?f=html&lang=" + f.Lang, Title: say("Bằng chứng của cả nhật ký", "Proof of the whole log")},
	}}
	for _, e := range doc.Entries {
		page.Rows = append(page.Rows, pages.Row{Name: e.Entry, Cells: []string{e.At.UTC().Format(time.RFC3339), opTitle(e.Op).In(f.Lang), e.Hash}})
	}
	return page
}

func opTitle(op geodata.Op) geodata.Text {
	switch op {
	case geodata.Create:
		return geodata.Text{VI: "Thêm mới", EN: "Created"}
	case geodata.Delete:
		return geodata.Text{VI: "Xóa", EN: "Deleted"}
	default:
		return geodata.Text{VI: "Sửa", EN: "Changed"}
	}
}

// chained reads the history that the reader may see, and each entry's link of the chain beside it.
func (a *API) chained(r *http.Request) ([]proof.Link, []store.Entry, error) {
	id, err := features.FeatureID(r)
	if err != nil {
		return nil, nil, err
	}
	seen, err := a.Store.History(r.Context(), r.PathValue("collection"), id, Who(r), 0, maxEntries)
	if err != nil {
		return nil, nil, err
	}
	links, err := a.Ledger.Feature(r.Context(), r.PathValue("collection"), id)
	if err != nil {
		return nil, nil, err
	}
	told := make([]proof.Link, 0, len(seen))
	for _, e := range seen {
		i := slices.IndexFunc(links, func(l proof.Link) bool { return l.Revision == e.Revision && l.Ordinal == e.Ordinal })
		if i < 0 {
			return nil, nil, fmt.Errorf("entry %d.%d of the history is not in the chain", e.Revision, e.Ordinal)
		}
		told = append(told, links[i])
	}
	return told, seen, nil
}

// evidenceSheet answers GET /collections/{collection}/items/{feature}/evidence.pdf.
func (a *API) evidenceSheet(w http.ResponseWriter, r *http.Request) error {
	if err := features.CheckQuery(r); err != nil {
		return err
	}
	links, seen, err := a.chained(r)
	if err != nil {
		return err
	}
	l, err := a.Store.Layer(r.PathValue("collection"), Who(r))
	if err != nil {
		return err
	}
	title, notice, err := a.Site(r.Context())
	if err != nil {
		return err
	}
	head, err := a.head(r)
	if err != nil {
		return err
	}
	item := "/collections/" + l.ID + "/items/" + r.PathValue("feature")
	s := sheet.Sheet{
		Site: title.VI, Notice: notice.VI, Collection: l.Title.VI, Name: l.Title.VI + " " + r.PathValue("feature"), ID: a.Origin.Of(r) + item,
		PublicKey: head.PublicKey, Made: time.Now(),
	}
	if head.Checkpoint != nil {
		s.Signed = fmt.Sprintf("lần sửa %d, ký lúc %s", head.Checkpoint.Revision, head.Checkpoint.At.Format(time.RFC3339))
	}
	told, err := a.entries(r, l, seen)
	if err != nil {
		return err
	}
	for i, e := range told {
		s.Entries = append(s.Entries, sheetEntry(e, links[i]))
	}
	for _, e := range seen { // what it is called, by the newest entry that says so
		if name, ok := e.Changed["name"].To.(string); ok && name != "" {
			s.Name = name
			break
		}
	}
	if len(links) > 0 {
		s.Address = a.Origin.Of(r) + item + "/proof?" + url.Values{"entry": {links[0].String()}, "hash": {links[0].Hash.String()}, "f": {"html"}}.Encode()
	}
	var body bytes.Buffer
	if err := s.Write(&body); err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/pdf")
	h.Set("Content-Disposition", fmt.Sprintf(`inline; filename="lich-su-%s-%s.pdf"`, l.ID, r.PathValue("feature")))
	h.Set("Cache-Control", "private, no-store")
	_, err = w.Write(body.Bytes())
	return err
}

func sheetEntry(told entry, link proof.Link) sheet.Entry {
	title := opTitle(told.Op).VI
	if who := by(told.Who, told.RoleTitle, "vi"); who != "" {
		title += ", " + who
	}
	out := sheet.Entry{At: told.At, Title: title, Place: link.String(), Hash: link.Hash.String()}
	if told.Op == geodata.Create && len(told.Difference) > 0 { // all of a new feature's attributes, in a paragraph
		out.Lines = []string{lines(told, "vi")}
	} else {
		for _, d := range told.Difference {
			out.Lines = append(out.Lines, d.In("vi"))
		}
	}
	if told.Why != nil {
		out.Lines = append(out.Lines, "Lý do: "+*told.Why)
	}
	for _, m := range told.Evidence {
		out.Lines = append(out.Lines, fmt.Sprintf("Bằng chứng: tệp số %d, %s", m.ID, m.Name))
	}
	return out
}
