package peers

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/gob"
	"encoding/json"
	"errors"
	"math"
	"time"

	"github.com/pipegen/pipegen/bench/stages"
)

// CodeByHand takes n parcels through functions that know everything about them.
func CodeByHand(ctx context.Context, n int) error {
	var buf []byte
	return codeParcels(ctx, n, func(p *stages.Parcel, q *stages.Parcel) error {
		buf = appendParcel(buf[:0], p)
		return readParcel(buf, q)
	})
}

// CodeGob takes them through one gob stream, which tells about the type once.
func CodeGob(ctx context.Context, n int) error {
	var buf bytes.Buffer
	enc, dec := gob.NewEncoder(&buf), gob.NewDecoder(&buf)
	return codeParcels(ctx, n, func(p *stages.Parcel, q *stages.Parcel) error {
		if err := enc.Encode(p); err != nil {
			return err
		}
		return dec.Decode(q)
	})
}

// CodeJSON takes them through encoding/json.
func CodeJSON(ctx context.Context, n int) error {
	return codeParcels(ctx, n, func(p *stages.Parcel, q *stages.Parcel) error {
		data, err := json.Marshal(p)
		if err != nil {
			return err
		}
		return json.Unmarshal(data, q)
	})
}

func codeParcels(ctx context.Context, n int, code func(p, q *stages.Parcel) error) error {
	var p, q stages.Parcel
	for p = range stages.Parcels(n) {
		if err := code(&p, &q); err != nil {
			return err
		}
		if err := stages.AddParcel(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

func appendParcel(b []byte, p *stages.Parcel) []byte {
	b = binary.AppendVarint(b, int64(p.ID))
	b = binary.AppendUvarint(b, uint64(len(p.URL)))
	b = append(b, p.URL...)
	b = binary.LittleEndian.AppendUint32(b, uint32(p.Width))
	b = binary.LittleEndian.AppendUint32(b, uint32(p.Height))
	b = binary.LittleEndian.AppendUint64(b, math.Float64bits(p.Score))
	b = binary.LittleEndian.AppendUint64(b, uint64(p.At.Unix()))
	return binary.LittleEndian.AppendUint32(b, uint32(p.At.Nanosecond()))
}

var errParcel = errors.New("a parcel is damaged")

func readParcel(b []byte, p *stages.Parcel) error {
	id, read := binary.Varint(b)
	if read <= 0 {
		return errParcel
	}
	b = b[read:]
	n, read := binary.Uvarint(b)
	if read <= 0 || n > uint64(len(b)-read) || len(b)-read-int(n) < 28 {
		return errParcel
	}
	b = b[read:]
	p.ID = int(id)
	p.URL, b = string(b[:n]), b[n:]
	p.Width = int32(binary.LittleEndian.Uint32(b))
	p.Height = int32(binary.LittleEndian.Uint32(b[4:]))
	p.Score = math.Float64frombits(binary.LittleEndian.Uint64(b[8:]))
	p.At = time.Unix(int64(binary.LittleEndian.Uint64(b[16:])), int64(binary.LittleEndian.Uint32(b[24:]))).UTC()
	return nil
}
