package stages

import (
	"context"
	"errors"
	"iter"
	"time"
)

// Parcel is an item of six fields.
type Parcel struct {
	ID            int
	URL           string
	Width, Height int32
	Score         float64
	At            time.Time
}

const leapDay = 1709208000

// Parcels yields n of them.
func Parcels(n int) iter.Seq[Parcel] {
	return func(yield func(Parcel) bool) {
		at := time.Unix(leapDay, 0).UTC()
		for i := range n {
			if !yield(Parcel{ID: i, URL: "https://example.com/images/large.png", Width: 1920, Height: 1080, Score: 0.5, At: at}) {
				return
			}
		}
	}
}

// Weigh is a stage that runs in worker processes, so that parcels cross.
func Weigh(_ context.Context, p Parcel) (Parcel, error) { return p, nil }

// AddParcel counts a parcel that is whole.
func AddParcel(ctx context.Context, p Parcel) error {
	if len(p.URL) != 36 || p.Width != 1920 || p.Height != 1080 || p.Score != 0.5 || p.At.Unix() != leapDay {
		return errors.New("a field has changed")
	}
	return Add(ctx, p.ID)
}

// CodeParcels takes n parcels, each by itself, through the functions that are generated for Deliver.
func CodeParcels(ctx context.Context, n int) error {
	e, d := pipegenNewEncoder(1<<20, nil), pipegenNewDecoder(nil)
	var p, q Parcel
	for p = range Parcels(n) {
		e.buf = e.buf[:0]
		if err := pipegenEncodeItem(e, &p, encodeDeliverParcel); err != nil {
			return err
		}
		d.reset(e.buf)
		if err := pipegenDecodeItem(d, &q, decodeDeliverParcel); err != nil {
			return err
		}
		if err := AddParcel(ctx, q); err != nil {
			return err
		}
	}
	return nil
}
