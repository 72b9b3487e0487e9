package threads

import "context"

// remoteMap is a worker's way to a map.
type remoteMap[K comparable, V any] struct {
	remoteObject
	updaters
	keys   itemCodec[K]
	values itemCodec[V]
}

const (
	mapGet = iota
	mapSet
	mapDelete
	mapLen
	mapBegin
	mapEnd
	mapSnapshot
)

func newRemoteMap[K comparable, V any](c *calls, resource int, encodeK func(*encoder, *K), decodeK func(*decoder, *K),
	encodeV func(*encoder, *V), decodeV func(*decoder, *V)) *remoteMap[K, V] {
	return &remoteMap[K, V]{
		remoteObject: remoteObject{c, resource}, keys: itemCodec[K]{encodeK, decodeK}, values: itemCodec[V]{encodeV, decodeV},
	}
}

func (m *remoteMap[K, V]) Get(key K) (v V, found bool) {
	m.do(mapGet, func(e *encoder) { m.keys.encode(e, &key) }, func(d *decoder) { v, found = m.values.nextMaybe(d) })
	return v, found
}

func (m *remoteMap[K, V]) Set(key K, v V) {
	m.check()
	m.do(mapSet, func(e *encoder) {
		m.keys.encode(e, &key)
		m.values.encode(e, &v)
	}, nil)
}

func (m *remoteMap[K, V]) Delete(key K) {
	m.check()
	m.do(mapDelete, func(e *encoder) { m.keys.encode(e, &key) }, nil)
}

func (m *remoteMap[K, V]) Len() (n int) {
	m.do(mapLen, nil, func(d *decoder) { n = d.int() })
	return n
}

func (m *remoteMap[K, V]) Update(key K, f func(V, bool) V) {
	defer m.leave(m.enter())
	var v V
	var begun, found, returned bool
	defer func() {
		if begun {
			m.end(key, v, returned)
		}
	}()
	m.do(mapBegin, func(e *encoder) { m.keys.encode(e, &key) }, func(d *decoder) {
		begun = true
		v, found = m.values.nextMaybe(d)
	})
	v = f(v, found)
	returned = true
}

// end gives the lease of key back. Where v cannot be sent that is all it does, before it panics.
func (m *remoteMap[K, V]) end(key K, v V, changed bool) {
	err := m.call(context.Background(), mapEnd, func(e *encoder) {
		m.keys.encode(e, &key)
		m.values.encodeMaybe(e, v, changed)
	}, nil)
	if err != nil && changed {
		m.end(key, v, false)
	}
	if err != nil {
		panic(err)
	}
}

func (m *remoteMap[K, V]) Snapshot() map[K]V {
	all := make(map[K]V)
	m.do(mapSnapshot, nil, func(d *decoder) {
		keys, values := m.keys.decodeAll(d), m.values.decodeAll(d)
		for i, key := range keys[:min(len(keys), len(values))] {
			all[key] = values[i]
		}
	})
	return all
}

type mapService[K comparable, V any] struct {
	*localMap[K, V]
	keys   itemCodec[K]
	values itemCodec[V]
}

func newMapService[K comparable, V any](m *localMap[K, V], encodeK func(*encoder, *K), decodeK func(*decoder, *K),
	encodeV func(*encoder, *V), decodeV func(*decoder, *V)) mapService[K, V] {
	return mapService[K, V]{m, itemCodec[K]{encodeK, decodeK}, itemCodec[V]{encodeV, decodeV}}
}

func (s mapService[K, V]) serve(ctx context.Context, who party, op byte, d *decoder, e *encoder) error {
	switch op {
	case mapLen:
		e.int(s.Len())
		return nil
	case mapSnapshot:
		var keys []K
		var values []V
		for key, v := range s.Snapshot() {
			keys, values = append(keys, key), append(values, v)
		}
		s.keys.encodeAll(e, keys)
		s.values.encodeAll(e, values)
		return nil
	}
	key := s.keys.next(d)
	if d.err != nil {
		return errFrame
	}
	switch op {
	case mapGet:
		v, found := s.Get(key)
		s.values.encodeMaybe(e, v, found)
	case mapSet:
		if v := s.values.next(d); d.err == nil {
			return s.set(ctx, who, key, v)
		}
	case mapDelete:
		return s.remove(ctx, who, key)
	case mapBegin:
		v, found, err := s.begin(ctx, who, key)
		if err != nil {
			return err
		}
		if s.values.encodeMaybe(e, v, found); overfull(e) {
			s.end(key, v, false)
		}
	case mapEnd:
		if v, changed := s.values.nextMaybe(d); d.err == nil {
			s.end(key, v, changed)
		}
	default:
		return errFrame
	}
	return nil
}
