package vn

import "math"

const geohashAlphabet = "0123456789bcdefghjkmnpqrstuvwxyz"

// GeoHash encodes a place (lon, lat in degrees, WGS 84) in length characters, at most 12. Twelve characters are the national
// parcel code of Circular 19/2026/TT-BNNMT, article 11.3: a cell of about 3.4 cm × 1.9 cm at Bình Lư.
func GeoHash(lon, lat float64, length int) string {
	length = min(max(length, 0), 12)
	x, y := geohashBits(lon/360+0.5), geohashBits(lat/180+0.5)
	var code [12]byte
	var digit, bits uint
	for i := range 5 * length {
		shift := uint(29 - i/2)
		if i%2 == 0 {
			digit = digit<<1 | uint(x>>shift&1)
		} else {
			digit = digit<<1 | uint(y>>shift&1)
		}
		if bits++; bits == 5 {
			code[i/5] = geohashAlphabet[digit]
			digit, bits = 0, 0
		}
	}
	return string(code[:length])
}

// geohashBits gives 30 bits of a fraction of the world's width or height; what lies outside is drawn to the edge.
func geohashBits(fraction float64) uint32 {
	const whole = 1 << 30
	return uint32(math.Min(math.Max(math.Floor(fraction*whole), 0), whole-1))
}
