package handlers

import "container/list"

// recent remembers a bounded number of values by key; the one that was not asked for longest goes. Not safe for concurrent use.
type recent[V any] struct {
	most  int
	byKey map[string]*list.Element
	order *list.List // of *remembered[V], the one asked for last first
}

type remembered[V any] struct {
	key   string
	value V
}

func newRecent[V any](most int) *recent[V] {
	return &recent[V]{most: most, byKey: map[string]*list.Element{}, order: list.New()}
}

// get gives the value of a key, made anew if it is not remembered.
func (r *recent[V]) get(key string, anew func() V) V {
	if e, known := r.byKey[key]; known {
		r.order.MoveToFront(e)
		return e.Value.(*remembered[V]).value
	}
	kept := &remembered[V]{key, anew()}
	r.byKey[key] = r.order.PushFront(kept)
	if r.order.Len() > r.most {
		delete(r.byKey, r.order.Remove(r.order.Back()).(*remembered[V]).key)
	}
	return kept.value
}
