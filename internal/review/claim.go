package review

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"bando/geodata"
)

// The speeds that a 5G claim is held to: below the first it is no 5G service, below the second it is flagged
// (DOMAIN sections 3 and 5.8: FCC 5G-NR 7/1 Mbit/s, QCVN 126:2021 95 % of samples ≥ 30 Mbit/s).
const (
	least5GDownMbps   = 7
	flagged5GDownMbps = 30
)

// checkClaim holds what a submission states to CV-06 and CV-07.
func (r *Review) checkClaim(ctx context.Context, claim map[string]any) ([]Finding, error) {
	findings := completeClaim(claim)
	stated := text(claim, "as_of")
	if stated == "" {
		return findings, nil
	}
	asOf, err := time.Parse(time.DateOnly, stated)
	if err != nil {
		return nil, fmt.Errorf("read the date of a claim: %w", err)
	}
	today, err := time.Parse(time.DateOnly, r.today())
	if err != nil {
		return nil, err
	}
	switch {
	case asOf.After(today):
		findings = append(findings, dated("Ngày số liệu còn ở tương lai; hãy ghi ngày đúng.", "The date of the data lies in the future; give the right one."))
	case asOf.Before(today.AddDate(0, -6, 0)):
		findings = append(findings, dated("Số liệu đã cũ hơn 6 tháng; hãy nộp số liệu mới.", "The data are older than six months; submit newer ones."))
	}
	current, err := query(ctx, r.store.Pool(), pgx.RowTo[*string], "current_as_of",
		claim["operator"], claim["technology"], claim["environment"], claim["min_signal_dbm"])
	if err != nil {
		return nil, err
	}
	if len(current) == 1 && current[0] != nil && *current[0] > stated {
		findings = append(findings, dated(
			"Số liệu cũ hơn ấn bản đang công bố ("+*current[0]+"); hãy nộp số liệu mới hơn.",
			"The data are older than the published edition ("+*current[0]+"); submit newer ones."))
	}
	return findings, nil
}

func dated(vi, en string) Finding {
	return Finding{Code: "CV-07", Severity: Error, Field: "as_of", Text: geodata.Text{VI: vi, EN: en}}
}

// completeClaim is CV-06: what a 5G claim must state, and how fast 5G must be.
func completeClaim(claim map[string]any) []Finding {
	if text(claim, "technology") != "5G" {
		return nil
	}
	var findings []Finding
	for _, need := range []struct {
		name string
		geodata.Text
	}{
		{"min_signal_dbm", geodata.Text{VI: "mức tín hiệu tối thiểu (dBm)", EN: "the minimum signal (dBm)"}},
		{"min_down_mbps", geodata.Text{VI: "tốc độ tải xuống tối thiểu (Mbit/s)", EN: "the minimum download speed (Mbit/s)"}},
		{"min_up_mbps", geodata.Text{VI: "tốc độ tải lên tối thiểu (Mbit/s)", EN: "the minimum upload speed (Mbit/s)"}},
		{"as_of", geodata.Text{VI: "ngày số liệu", EN: "the date of the data"}},
		{"method", geodata.Text{VI: "phương pháp tính hoặc đo", EN: "the method of modelling or measuring"}},
	} {
		if claim[need.name] == nil {
			findings = append(findings, Finding{Code: "CV-06", Severity: Error, Field: need.name, Text: geodata.Text{
				VI: "Hồ sơ 5G phải ghi " + need.VI + ".", EN: "A 5G claim must state " + need.EN + ".",
			}})
		}
	}
	down, ok := claim["min_down_mbps"].(float64)
	switch {
	case ok && down < least5GDownMbps:
		findings = append(findings, Finding{Code: "CV-06", Severity: Error, Field: "min_down_mbps", Text: geodata.Text{
			VI: fmt.Sprintf("Tải xuống tối thiểu %g Mbit/s chưa đạt mức 5G (ít nhất %d Mbit/s).", down, least5GDownMbps),
			EN: fmt.Sprintf("A minimum download of %g Mbit/s is below 5G (at least %d Mbit/s).", down, least5GDownMbps),
		}})
	case ok && down < flagged5GDownMbps:
		findings = append(findings, Finding{Code: "CV-06", Severity: Warning, Field: "min_down_mbps", Text: geodata.Text{
			VI: fmt.Sprintf("Tải xuống tối thiểu %g Mbit/s thấp hơn mức %d Mbit/s của QCVN 126:2021; cán bộ thẩm tra sẽ xem xét.", down, flagged5GDownMbps),
			EN: fmt.Sprintf("A minimum download of %g Mbit/s is below the %d Mbit/s of QCVN 126:2021; the reviewer will weigh it.", down, flagged5GDownMbps),
		}})
	}
	return findings
}
