package demo

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
)

// gallery makes each picture once: a few variants of each depiction, shared between processes.
type gallery map[picture][]byte

type picture struct {
	depiction string
	variant   int
}

const variants = 4

// get gives a drawing for a depiction. No face of anybody is in it: a head and shoulders in flat colours.
func (g gallery) get(depiction string, number int) []byte {
	key := picture{depiction, number % variants}
	if g[key] == nil {
		g[key] = draw(key)
	}
	return g[key]
}

// Colours of the drawing by index.
const (
	paper = iota
	ink
	skin
	cloth
	tint
)

func palette(variant int) color.Palette {
	gray := func(v uint8) color.Color { return color.RGBA{v, v, v, 255} }
	skins := []color.RGBA{{224, 186, 158, 255}, {141, 96, 66, 255}, {198, 152, 118, 255}, {92, 62, 45, 255}}
	tints := []color.RGBA{{214, 226, 240, 255}, {240, 224, 214, 255}, {219, 236, 218, 255}, {232, 219, 238, 255}}
	return color.Palette{gray(250), gray(90), skins[variant%variants], color.RGBA{58, 84, 132, 255}, tints[variant%variants]}
}

func draw(key picture) []byte {
	card := key.depiction == "front" || key.depiction == "back"
	bounds := image.Rect(0, 0, 360, 480)
	if card {
		bounds = image.Rect(0, 0, 540, 340) // the proportions of an ID-1 card
	}
	img := image.NewPaletted(bounds, palette(key.variant))
	switch key.depiction {
	case "front":
		box(img, bounds.Inset(8), tint)
		box(img, image.Rect(30, 80, 180, 280), paper)
		head(img, 105, 160, 40)
		textLines(img, 210, 90, 7)
	case "back":
		box(img, bounds.Inset(8), tint)
		textLines(img, 30, 40, 4)
		for y := 230; y <= 290; y += 30 {
			box(img, image.Rect(30, y, 510, y+14), ink) // where an MRZ would be
		}
	default:
		box(img, bounds, tint)
		head(img, 180, 200, 90)
	}
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		return nil // a buffer in memory takes everything
	}
	return out.Bytes()
}

func box(img *image.Paletted, r image.Rectangle, colour uint8) {
	r = r.Intersect(img.Bounds())
	for y := r.Min.Y; y < r.Max.Y; y++ {
		for x := r.Min.X; x < r.Max.X; x++ {
			img.SetColorIndex(x, y, colour)
		}
	}
}

func textLines(img *image.Paletted, x, y, n int) {
	for i := range n {
		box(img, image.Rect(x, y+i*26, x+120+(i*67)%150, y+i*26+10), ink)
	}
}

// head draws head and shoulders around the middle of the face.
func head(img *image.Paletted, cx, cy, radius int) {
	ellipse(img, cx, cy+radius*2+radius/4, radius*7/4, radius*6/5, cloth, cy+radius*5/2)
	ellipse(img, cx, cy, radius, radius*5/4, skin, img.Bounds().Max.Y)
}

// ellipse fills one down to the line bottom.
func ellipse(img *image.Paletted, cx, cy, rx, ry int, colour uint8, bottom int) {
	for y := cy - ry; y <= cy+ry && y < bottom; y++ {
		for x := cx - rx; x <= cx+rx; x++ {
			dx, dy := x-cx, y-cy
			if dx*dx*ry*ry+dy*dy*rx*rx <= rx*rx*ry*ry && image.Pt(x, y).In(img.Bounds()) {
				img.SetColorIndex(x, y, colour)
			}
		}
	}
}

// emptyVideo is an MP4 file by its head (ISO 14496-12: file type, then no media data), so that a download is one;
// players say that it has no track. Made-up people do not move.
func emptyVideo() []byte {
	return []byte("\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41" + "\x00\x00\x00\x08mdat")
}
