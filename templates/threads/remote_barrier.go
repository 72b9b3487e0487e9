package threads

import "context"

// remoteBarrier is a worker's way to a barrier.
type remoteBarrier struct{ remoteObject }

const (
	barrierWait = iota
	barrierAbort
)

func newRemoteBarrier(c *calls, resource int) *remoteBarrier {
	return &remoteBarrier{remoteObject{c, resource}}
}

func (b *remoteBarrier) Wait(ctx context.Context) (index int, err error) {
	err = b.call(ctx, barrierWait, nil, func(d *decoder) { index = d.int() })
	return index, err
}

func (b *remoteBarrier) Abort() { b.do(barrierAbort, nil, nil) }

type barrierService struct{ *localBarrier }

func newBarrierService(b *localBarrier) barrierService { return barrierService{b} }

func (s barrierService) serve(ctx context.Context, _ party, op byte, _ *decoder, e *encoder) error {
	switch op {
	case barrierWait:
		index, err := s.Wait(ctx)
		e.int(index)
		return err
	case barrierAbort:
		s.Abort()
	default:
		return errFrame
	}
	return nil
}
