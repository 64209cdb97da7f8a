package assuretest

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math/rand/v2"
	"strings"
)

// Sizes of a placeholder in pixels: a card for a document's sides, upright for a face.
const (
	cardWidth, cardHeight = 480, 304
	faceWidth, faceHeight = 320, 400
)

// PlaceholderImage draws a PNG that stands in for an image of a process: a flat silhouette and the word SAMPLE, nothing
// that could be taken for a person or a document. A label that names a selfie or a portrait gives a face, any other a
// card with that label. The same label and seed give the same bytes.
func PlaceholderImage(label string, seed int64) []byte {
	random := rand.New(rand.NewPCG(uint64(seed), uint64(len(label)))) // made-up data: to be the same each time
	face := strings.Contains(label, "selfie") || strings.Contains(label, "portrait")
	c := newCanvas(cardWidth, cardHeight, random)
	if face {
		c = newCanvas(faceWidth, faceHeight, random)
		c.person(faceWidth/2, faceHeight*2/5, faceWidth/4)
	} else {
		c.card(random)
	}
	c.text("SAMPLE", 14, 12, 4)
	c.text(strings.ToUpper(label), 14, c.Rect.Dy()-30, 3)
	var b bytes.Buffer
	_ = png.Encode(&b, c.Paletted) // a buffer takes everything, and the image has a size
	return b.Bytes()
}

// The colours of a canvas, by their place in its palette.
const (
	ground = iota
	figure
	line
	ink
)

type canvas struct{ *image.Paletted }

func newCanvas(width, height int, random *rand.Rand) canvas {
	tint := func(base, spread int) uint8 { return uint8(base + random.IntN(spread)) }
	palette := color.Palette{
		color.RGBA{tint(205, 40), tint(205, 40), tint(205, 40), 255},
		color.RGBA{tint(90, 70), tint(90, 70), tint(90, 70), 255},
		color.RGBA{160, 160, 168, 255},
		color.RGBA{40, 40, 48, 255},
	}
	return canvas{image.NewPaletted(image.Rect(0, 0, width, height), palette)}
}

func (c canvas) rect(x, y, width, height int, index uint8) {
	area := image.Rect(x, y, x+width, y+height).Intersect(c.Rect)
	for y := area.Min.Y; y < area.Max.Y; y++ {
		for x := area.Min.X; x < area.Max.X; x++ {
			c.SetColorIndex(x, y, index)
		}
	}
}

func (c canvas) ellipse(cx, cy, rx, ry int, index uint8) {
	for y := max(0, cy-ry); y < min(c.Rect.Dy(), cy+ry); y++ {
		for x := max(0, cx-rx); x < min(c.Rect.Dx(), cx+rx); x++ {
			if dx, dy := x-cx, y-cy; dx*dx*ry*ry+dy*dy*rx*rx < rx*rx*ry*ry {
				c.SetColorIndex(x, y, index)
			}
		}
	}
}

// person is a head above shoulders.
func (c canvas) person(cx, cy, r int) {
	c.ellipse(cx, cy+r*5/2, r*8/5, r*6/5, figure)
	c.ellipse(cx, cy, r*4/5, r, figure)
}

// card is a document's side: a person and lines of no text.
func (c canvas) card(random *rand.Rand) {
	c.rect(24, 64, 132, 176, line)
	c.person(90, 126, 34)
	c.rect(24, 240, 132, 40, ground)
	for y := 72; y < 220; y += 28 {
		c.rect(184, y, 90+random.IntN(170), 10, line)
	}
}

// text writes what the font has, in blocks of size pixels; the rest stays empty.
func (c canvas) text(s string, x, y, size int) {
	for _, r := range s {
		for i, bit := range glyph(r) {
			if bit == '#' {
				c.rect(x+i%3*size, y+i/3*size, size, size, ink)
			}
		}
		x += 4 * size
	}
}

// glyph gives the five rows of three of a letter or digit, '#' for ink.
func glyph(r rune) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	const rows = ".#.#.#####.##.#" + "##.#.###.#.###." + ".###..#..#...##" + "##.#.##.##.###." + "####..##.#..###" + "####..##.#..#.." + // A-F
		".###..#.##.#.##" + "#.##.#####.##.#" + "###.#..#..#.###" + "..#..#..##.#.#." + "#.##.###.#.##.#" + "#..#..#..#..###" + // G-L
		"#.#####.##.##.#" + "##.#.##.##.##.#" + ".#.#.##.##.#.#." + "##.#.###.#..#.." + ".#.#.##.#.#..##" + "##.#.###.#.##.#" + // M-R
		".###...#...###." + "###.#..#..#..#." + "#.##.##.##.####" + "#.##.##.##.#.#." + "#.##.##.#####.#" + "#.##.#.#.#.##.#" + // S-X
		"#.##.#.#..#..#." + "###..#.#.#..###" + "####.##.##.####" + ".#.##..#..#.###" + "##...#.#.#..###" + "##...#.#...###." + // Y-3
		"#.##.####..#..#" + "####..##...###." + ".###..####.####" + "###..#..#.#..#." + "####.#####.####" + "####.####..###." // 4-9
	i := strings.IndexRune(letters, r)
	if i < 0 {
		return ""
	}
	return rows[i*15 : i*15+15]
}
