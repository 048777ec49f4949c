package review

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"bando/geodata"
	"bando/internal/auth"
	"bando/internal/edit"
	"bando/internal/pg"
)

// submissions is the layer of what partners claim.
const submissions = "coverage_submissions"

// effect is what the move does beside itself, in its transaction.
func (s *step) effect() (func(context.Context, pgx.Tx) error, error) {
	switch s.move.Effect {
	case "":
		return nil, nil //nolint:nilnil // most moves have none
	case "publish_coverage":
		return s.publishCoverage, nil
	default:
		return nil, fmt.Errorf("move %s of layer %s names the effect %q, which review does not know", s.move.ID, s.layer.ID, s.move.Effect)
	}
}

// publishCoverage makes the submission's polygon the next edition of its operator, technology, environment and signal.
// The features of the edition before go (the log keeps them), its submission becomes superseded, every hamlet's share is
// computed anew, and hamlets that lose what was verified are to be rechecked. All of it is one revision of the log.
func (s *step) publishCoverage(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, sql("lock_coverage")); err != nil {
		return pg.Fault(fmt.Errorf("wait for another publication: %w", err))
	}
	edition, err := query(ctx, tx, pgx.RowTo[int64], "publish_edition", s.feature.ID)
	if err != nil {
		return err
	}
	if len(edition) != 1 {
		return fmt.Errorf("publish submission %d: %d editions were made", s.feature.ID, len(edition))
	}
	if s.reason == "" { // the log's entries, hamlets to be rechecked among them, shall say what this was
		if _, err := tx.Exec(ctx, sql("why"), fmt.Sprintf("Công bố ấn bản %d: %s %s", edition[0], text(s.feature.Properties, "operator"), text(s.feature.Properties, "technology"))); err != nil {
			return pg.Fault(fmt.Errorf("tell the log the reason: %w", err))
		}
	}
	return refreshCoverage(ctx, tx, s.today())
}

// RefreshCoverage computes the share of every hamlet's area inside published 5G coverage anew, for coverage that came by
// another way than a publication: an import, the demo. It writes only what changes; the revision is zero when nothing did.
func (r *Review) RefreshCoverage(ctx context.Context, who auth.Person, via string) (geodata.Revision, error) {
	done, err := r.door.Apply(ctx, who, edit.Batch{
		Changes: func(func(geodata.Change, error) bool) {},
		Reason:  "Tính lại tỷ lệ diện tích trong vùng phủ sóng 5G đã công bố", Via: via, System: true,
		Then: r.RefreshIn,
	})
	return done.Revision, err
}

// RefreshIn is RefreshCoverage within a transaction that has written.
func (r *Review) RefreshIn(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, sql("lock_coverage")); err != nil {
		return pg.Fault(fmt.Errorf("wait for a publication: %w", err))
	}
	return refreshCoverage(ctx, tx, r.today())
}

func refreshCoverage(ctx context.Context, tx pgx.Tx, today string) error {
	if _, err := tx.Exec(ctx, sql("refresh_coverage"), today); err != nil {
		return pg.Fault(fmt.Errorf("compute the hamlets' share of coverage: %w", err))
	}
	return nil
}
