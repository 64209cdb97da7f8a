package demo

import "github.com/assure-portal/portal/internal/assure/assuretest"

// gallery makes each picture once: a few variants of each depiction, shared between processes to keep memory small.
type gallery map[picture][]byte

type picture struct {
	depiction string
	variant   int
}

const variants = 6

// get gives a placeholder for a depiction; the processes of a dossier have the same one.
func (g gallery) get(depiction string, dossier int) []byte {
	key := picture{depiction, dossier % variants}
	if g[key] == nil {
		g[key] = assuretest.PlaceholderImage(depiction, int64(key.variant))
	}
	return g[key]
}

// emptyVideo is an MP4 file by its head (ISO 14496-12: file type, then no media data), so that a download is one;
// players say that it has no track. Made-up people do not move.
func emptyVideo() []byte {
	return []byte("\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41" + "\x00\x00\x00\x08mdat")
}
