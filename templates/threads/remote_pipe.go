package threads

import "context"

// remotePipe is a worker's way to the stage's end of a pipe.
type remotePipe[T any] struct {
	remoteObject
	codec itemCodec[T]
}

const (
	pipeSend = iota
	pipeRecv
	pipeClose
)

func newRemotePipe[T any](c *calls, resource int, encode func(*encoder, *T), decode func(*decoder, *T)) *remotePipe[T] {
	return &remotePipe[T]{remoteObject{c, resource}, itemCodec[T]{encode, decode}}
}

func (p *remotePipe[T]) Send(ctx context.Context, v T) error {
	return p.call(ctx, pipeSend, func(e *encoder) { p.codec.encode(e, &v) }, nil)
}

func (p *remotePipe[T]) Recv(ctx context.Context) (v T, err error) {
	err = p.call(ctx, pipeRecv, nil, func(d *decoder) { v = p.codec.next(d) })
	return v, err
}

func (p *remotePipe[T]) Close() { p.do(pipeClose, nil, nil) }

type pipeService[T any] struct {
	end   *localEnd[T]
	codec itemCodec[T]
}

func newPipeService[T any](p *localPipe[T], encode func(*encoder, *T), decode func(*decoder, *T)) pipeService[T] {
	return pipeService[T]{p.stages, itemCodec[T]{encode, decode}}
}

func (s pipeService[T]) serve(ctx context.Context, _ party, op byte, d *decoder, e *encoder) error {
	switch op {
	case pipeSend:
		if v := s.codec.next(d); d.err == nil {
			return s.end.Send(ctx, v)
		}
	case pipeRecv:
		v, err := s.end.Recv(ctx)
		if err != nil {
			return err
		}
		if s.codec.encode(e, &v); overfull(e) {
			s.end.restore(v)
		}
	case pipeClose:
		s.end.Close()
	default:
		return errFrame
	}
	return nil
}

// left leaves the pipe as it is: the process that takes the place of this one goes on with it.
func (s pipeService[T]) left(party) bool { return false }
