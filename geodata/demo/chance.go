package demo

import (
	"math"
	"math/rand/v2"
)

// dice returns the numbers of one part of the commune: parts do not disturb each other's.
func dice(seed uint64, part string) *rand.Rand {
	return rand.New(rand.NewPCG(seed, hashText(part)))
}

func hashText(s string) uint64 {
	h := uint64(14695981039346656037) // FNV-1a
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// hash mixes numbers into 64 even bits (splitmix64): chance that depends on the place alone, not on the order of asking.
func hash(parts ...uint64) uint64 {
	var h uint64
	for _, p := range parts {
		h += p + 0x9e3779b97f4a7c15
		h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
		h = (h ^ h>>27) * 0x94d049bb133111eb
		h ^= h >> 31
	}
	return h
}

// fraction turns bits into a number from 0 to below 1.
func fraction(h uint64) float64 { return float64(h>>11) / (1 << 53) }

// waves is smooth noise from −1 to 1 with features of about sizeM metres.
func waves(seed uint64, p point, sizeM float64) float64 {
	x, y := p.x/sizeM, p.y/sizeM
	fx, fy := math.Floor(x), math.Floor(y)
	corner := func(dx, dy float64) float64 {
		return 2*fraction(hash(seed, uint64(int64(fx+dx)), uint64(int64(fy+dy)))) - 1
	}
	kx, ky := smooth(x-fx, 0, 1), smooth(y-fy, 0, 1)
	return blend(blend(corner(0, 0), corner(1, 0), kx), blend(corner(0, 1), corner(1, 1), kx), ky)
}

// roughness adds four octaves of waves, the largest sizeM metres.
func roughness(seed uint64, p point, sizeM float64) float64 {
	var sum float64
	for i, weight := range [...]float64{0.5, 0.27, 0.15, 0.08} {
		sum += weight * waves(seed+uint64(i), p, sizeM)
		sizeM /= 2.1
	}
	return sum
}

// pick chooses one of the values.
func pick[T any](r *rand.Rand, values ...T) T { return values[r.IntN(len(values))] }
