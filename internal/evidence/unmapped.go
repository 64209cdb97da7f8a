package evidence

// gatherUnmapped adds places that no table knows and that state one of the facts all the same.
func (r *reading) gatherUnmapped(*gathered, table) {}
