// Package static holds the portal's own and vendored browser files, embedded and served under content-hashed names.
package static

import "net/http"

// Handler serves the embedded files below /static/.
func Handler() http.Handler { panic("todo") }

// URL is the content-hashed address of a file by its plain name: "app.css".
func URL(name string) string { panic("todo") }
