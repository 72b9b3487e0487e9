package threads

import "context"

// remoteCondition is a worker's way to a condition.
type remoteCondition struct{ remoteObject }

const (
	conditionLock = iota
	conditionUnlock
	conditionWait // up to where it takes the lock again
	conditionSignal
	conditionBroadcast
)

func newRemoteCondition(c *calls, resource int) *remoteCondition {
	return &remoteCondition{remoteObject{c, resource}}
}

func (c *remoteCondition) Lock()      { c.do(conditionLock, nil, nil) }
func (c *remoteCondition) Unlock()    { c.do(conditionUnlock, nil, nil) }
func (c *remoteCondition) Signal()    { c.do(conditionSignal, nil, nil) }
func (c *remoteCondition) Broadcast() { c.do(conditionBroadcast, nil, nil) }

func (c *remoteCondition) Wait(ctx context.Context) error {
	unlocked := false // not where ctx has ended before the call
	err := c.call(ctx, conditionWait, func(*encoder) { unlocked = true }, nil)
	if unlocked {
		c.Lock()
	}
	return err
}

type conditionService struct{ *localCondition }

func newConditionService(c *localCondition) conditionService { return conditionService{c} }

func (s conditionService) serve(ctx context.Context, who party, op byte, _ *decoder, _ *encoder) error {
	switch op {
	case conditionLock:
		return s.acquire(ctx, who)
	case conditionUnlock:
		s.release(who)
	case conditionWait:
		return s.wait(ctx, who)
	case conditionSignal:
		s.Signal()
	case conditionBroadcast:
		s.Broadcast()
	default:
		return errFrame
	}
	return nil
}
