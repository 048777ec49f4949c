package features

import (
	"net/http"

	"bando/geodata"
	"bando/internal/edit"
	"bando/internal/web"
)

// batchReport is what became of a batch.
type batchReport struct {
	Mode     string           `json:"mode"`
	DryRun   bool             `json:"dry_run"`
	Revision geodata.Revision `json:"revision,omitempty"` // none where nothing was changed
	Created  int              `json:"created"`
	Changed  int              `json:"changed"`
	Same     int              `json:"unchanged"`
	Deleted  int              `json:"deleted"`
	Refused  int              `json:"refused"`
	Results  []changeReport   `json:"results"`
}

// changeReport is what became of one change.
type changeReport struct {
	Index  int            `json:"index"`
	Status int            `json:"status"` // as if the change had been sent alone
	ID     int64          `json:"id,omitempty"`
	ETag   string         `json:"etag,omitempty"`
	Fault  map[string]any `json:"fault,omitempty"`
}

func reportOf(b batch, result edit.Result, lang string) batchReport {
	report := batchReport{
		Mode: b.Mode, DryRun: b.DryRun, Revision: result.Revision, Created: result.Added, Changed: result.Changed,
		Same: result.Unchanged, Deleted: result.Deleted, Refused: result.RefusedCount, Results: make([]changeReport, len(result.Outcomes)),
	}
	for n, o := range result.Outcomes {
		one := changeReport{Index: n, Status: http.StatusOK, ID: o.Feature}
		switch o.Did {
		case edit.Created:
			one.Status = http.StatusCreated
			if b.DryRun { // the id was given back
				one.ID = 0
			}
		case edit.Deleted:
			one.Status = http.StatusNoContent
		default:
		}
		if o.Revision != 0 && o.Did != edit.Deleted {
			one.ETag = web.RevisionTag(o.Revision)
		}
		report.Results[n] = one
	}
	for _, f := range result.Refused {
		report.Results[f.Index].Status = web.StatusOf(f.Err)
		report.Results[f.Index].Fault = web.ProblemOf(f.Err, lang)
	}
	return report
}

// batchOperation is the one that changes many features.
func (s *Service) batchOperation() Operation {
	text, number := Node{"type": "string"}, Node{"type": "integer"}
	o := Operation{
		Method: http.MethodPost, Path: "/batch", ID: "batch", Tag: "editing", Writes: true, Handle: s.Batch,
		Summary:    geodata.Text{VI: "Nhiều thay đổi trong một lần", EN: "Many changes in one transaction"},
		Parameters: []Parameter{onceParameter(), reasonParameter(), langParameter()},
		Body: []Content{{Type: typeJSON, Schema: Node{
			"type": "object", "required": []string{"changes"}, "properties": Node{
				"mode":    Node{"type": "string", "enum": []string{modeAll, modeEach}, "default": modeAll},
				"dry_run": Node{"type": "boolean", "default": false}, "reason": text,
				"changes": Node{"type": "array", "maxItems": maxChanges, "items": Node{
					"type": "object", "required": []string{"op", "collection"}, "properties": Node{
						"op":         Node{"type": "string", "enum": []string{"create", "replace", "update", "delete", "upsert"}},
						"collection": text, "id": number, "if_match": text, "feature": Node{"type": "object"},
					},
				}},
			},
		}}},
	}
	return o.answering(Answer{
		Status: http.StatusOK, Text: o.Summary, Headers: []Header{revisionHeader(), replayedHeaderTold()},
		Content: []Content{{Type: typeJSON, Schema: Node{
			"type": "object", "required": []string{"mode", "results"}, "properties": Node{
				"mode": text, "dry_run": Node{"type": "boolean"}, "revision": number, "created": number, "changed": number, "unchanged": number,
				"deleted": number, "refused": number,
				"results": Node{"type": "array", "items": Node{
					"type": "object", "required": []string{"index", "status"}, "properties": Node{
						"index": number, "status": number, "id": number, "etag": text, "fault": refTo("problem"),
					},
				}},
			},
		}}},
	})
}

func revisionHeader() Header {
	return Header{Name: "Bando-Revision", Text: geodata.Text{VI: "Số thứ tự của lần sửa", EN: "The number of the change"}, Schema: Node{"type": "integer"}}
}
