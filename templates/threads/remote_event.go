package threads

import "context"

// remoteEvent is a worker's way to an event.
type remoteEvent struct{ remoteObject }

const (
	eventSet = iota
	eventClear
	eventIsSet
	eventWait
)

func newRemoteEvent(c *calls, resource int) *remoteEvent {
	return &remoteEvent{remoteObject{c, resource}}
}

func (v *remoteEvent) Set()   { v.do(eventSet, nil, nil) }
func (v *remoteEvent) Clear() { v.do(eventClear, nil, nil) }

func (v *remoteEvent) IsSet() (set bool) {
	v.do(eventIsSet, nil, func(d *decoder) { set = d.bool() })
	return set
}

func (v *remoteEvent) Wait(ctx context.Context) error { return v.call(ctx, eventWait, nil, nil) }

type eventService struct{ *localEvent }

func newEventService(v *localEvent) eventService { return eventService{v} }

func (s eventService) serve(ctx context.Context, _ party, op byte, _ *decoder, e *encoder) error {
	switch op {
	case eventSet:
		s.Set()
	case eventClear:
		s.Clear()
	case eventIsSet:
		e.bool(s.IsSet())
	case eventWait:
		return s.Wait(ctx)
	default:
		return errFrame
	}
	return nil
}
