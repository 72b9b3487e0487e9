package main

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"io/fs"
	"iter"
	"math"
	"path"
	"strings"
)

// Picture is a decoded image. Its name is the slash-separated path of its file, or a made-up one.
type Picture struct {
	Name  string
	Image image.Image
}

// Thumb is the thumbnail of a picture.
type Thumb struct {
	Name string // that of the picture and .png
	PNG  []byte
}

// Files emits the path of every regular file.
func Files(emit func(path string) error, images fs.FS) error {
	return fs.WalkDir(images, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		return emit(path)
	})
}

// Format is the format of a file, by its name: png, jpeg, gif or "".
func Format(name string) string {
	switch extension := strings.ToLower(path.Ext(name)); extension {
	case ".png", ".jpeg", ".gif":
		return extension[1:]
	case ".jpg":
		return "jpeg"
	}
	return ""
}

// DecodePNG reads a PNG file.
func DecodePNG(path string, images fs.FS) (Picture, error) { return decode(images, path, png.Decode) }

// DecodeJPEG reads a JPEG file.
func DecodeJPEG(path string, images fs.FS) (Picture, error) { return decode(images, path, jpeg.Decode) }

// DecodeGIF reads the first picture of a GIF file.
func DecodeGIF(path string, images fs.FS) (Picture, error) { return decode(images, path, gif.Decode) }

func decode(images fs.FS, path string, format func(io.Reader) (image.Image, error)) (Picture, error) {
	file, err := images.Open(path)
	if err != nil {
		return Picture{}, err
	}
	defer file.Close()
	decoded, err := format(file)
	return Picture{path, decoded}, err
}

// Ignore is where files that are no images end.
func Ignore(path string) {}

// Drawn are three pictures that no file has: rings, a gradient with transparency, and a single row.
func Drawn() iter.Seq[Picture] {
	return func(yield func(Picture) bool) {
		for _, picture := range []struct {
			name          string
			width, height int
			at            func(x, y float64) color.Color
		}{
			{"drawn/rings", 240, 160, func(x, y float64) color.Color {
				return color.Gray{uint8(128 + 127*math.Cos(math.Hypot(x-120, y-80)/4))}
			}},
			{"drawn/gradient", 100, 160, func(x, y float64) color.Color {
				return color.NRGBA{R: uint8(x / 100 * 255), B: 255, A: uint8(y / 160 * 255)}
			}},
			{"drawn/row", 500, 1, func(x, _ float64) color.Color { return color.Gray{uint8(x / 500 * 255)} }},
		} {
			canvas := image.NewNRGBA(image.Rect(0, 0, picture.width, picture.height))
			for y := range picture.height {
				for x := range picture.width {
					canvas.Set(x, y, picture.at(float64(x), float64(y)))
				}
			}
			if !yield(Picture{picture.name, canvas}) {
				return
			}
		}
	}
}

// Shrink makes a picture fit into a square of size pixels a side. One that does is left as it is.
func Shrink(p Picture, size int) Picture {
	bounds := p.Image.Bounds()
	longer := max(bounds.Dx(), bounds.Dy())
	if longer <= size {
		return p
	}
	from := image.NewRGBA(image.Rect(0, 0, bounds.Dx(), bounds.Dy()))
	draw.Draw(from, from.Rect, p.Image, bounds.Min, draw.Src)
	to := image.NewRGBA(image.Rect(0, 0, max(1, bounds.Dx()*size/longer), max(1, bounds.Dy()*size/longer)))
	for y := range to.Rect.Dy() {
		for x := range to.Rect.Dx() {
			to.SetRGBA(x, y, average(from, image.Rect(
				x*from.Rect.Dx()/to.Rect.Dx(), y*from.Rect.Dy()/to.Rect.Dy(),
				(x+1)*from.Rect.Dx()/to.Rect.Dx(), (y+1)*from.Rect.Dy()/to.Rect.Dy())))
		}
	}
	return Picture{p.Name, to}
}

// average is the mean colour of a part of an image, which is not empty.
func average(from *image.RGBA, part image.Rectangle) color.RGBA {
	var sum [4]int
	for y := part.Min.Y; y < part.Max.Y; y++ {
		row := from.Pix[from.PixOffset(part.Min.X, y):from.PixOffset(part.Max.X, y)]
		for i, value := range row {
			sum[i%4] += int(value)
		}
	}
	n := part.Dx() * part.Dy()
	return color.RGBA{uint8(sum[0] / n), uint8(sum[1] / n), uint8(sum[2] / n), uint8(sum[3] / n)}
}

// Encode makes a PNG file of a picture.
func Encode(p Picture) (Thumb, error) {
	var file bytes.Buffer
	err := png.Encode(&file, p.Image)
	return Thumb{p.Name + ".png", file.Bytes()}, err
}

// Transient says whether an upload may go well if it is tried again.
func Transient(err error) bool {
	return errors.Is(err, ErrBusy) || errors.Is(err, context.DeadlineExceeded)
}
