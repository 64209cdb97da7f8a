// Package demo holds what portal demo embeds beside the portal itself: an OpenID Connect provider whose people sign in
// by name alone, and made-up verification processes for the Assure simulator. Everybody and every number in it is
// invented. Nothing here is used by portal serve, and nothing here guards anything worth guarding.
package demo

import (
	"time"

	"github.com/assure-portal/portal/internal/assure/assuretest"
)

// Options for made-up processes.
type Options struct {
	Processes int
	Seed      int64
	Now       time.Time // times are relative to midnight UTC of this day
}

// Populate fills the simulator. Ids and values depend on the seed alone.
func Populate(sim *assuretest.Simulator, o Options) error { panic("todo") }
