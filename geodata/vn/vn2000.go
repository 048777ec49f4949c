package vn

import (
	"math"

	"bando/internal/fault"
)

// ErrNoPlane is the fault of naming a coordinate system that is not VN-2000 TM-3 in EPSG:9205…9218.
var ErrNoPlane = fault.New(fault.Invalid, "no_vn2000_plane", fault.Text{
	VI: "Không phải hệ tọa độ VN-2000 múi 3° (EPSG:9205 đến EPSG:9218). Kiểm tra lại mã hệ tọa độ của tệp.",
	EN: "This is not a VN-2000 TM-3 coordinate system (EPSG:9205 to EPSG:9218). Check the file's coordinate system.",
})

// CentralMeridian returns the longitude of the central meridian (degrees) of a VN-2000 3° zone, EPSG:9205…9218.
func CentralMeridian(epsg int) (float64, error) {
	meridians := [...]float64{103, 104, 104.5, 104.75, 105.5, 105.75, 106, 106.25, 106.5, 107, 107.25, 107.5, 108.25, 108.5}
	if epsg < 9205 || epsg >= 9205+len(meridians) {
		return 0, ErrNoPlane.With("epsg", epsg)
	}
	return meridians[epsg-9205], nil
}

// FromWGS84 turns a place (lon, lat in degrees, WGS 84) into easting and northing (metres) in EPSG:9205…9218, with the
// seven parameters of "VN-2000 to WGS 84 (2)". The place is taken to lie on the ellipsoid.
func FromWGS84(epsg int, lon, lat float64) (e, n float64, err error) {
	lon0, err := CentralMeridian(epsg)
	if err != nil {
		return 0, 0, err
	}
	e, n = project(lon0, lon, lat)
	return e, n, nil
}

// ToWGS84 is the inverse of FromWGS84 to about 1 mm: each takes its own ellipsoid as the ground, as PROJ and PostGIS do
// for places without a height.
func ToWGS84(epsg int, e, n float64) (lon, lat float64, err error) {
	lon0, err := CentralMeridian(epsg)
	if err != nil {
		return 0, 0, err
	}
	λ, φ := tmInverse((e-falseEasting)/scale, n/scale)
	x, y, z := geocentric(λ+lon0*degree, φ)
	λ, φ = geodetic(toWGS84(x, y, z))
	return λ / degree, φ / degree, nil
}

func project(lon0, lon, lat float64) (e, n float64) {
	x, y, z := geocentric(lon*degree, lat*degree)
	λ, φ := geodetic(fromWGS84(x, y, z))
	e, n = tmForward(λ-lon0*degree, φ)
	return falseEasting + scale*e, scale * n
}

// The ellipsoid of WGS 84, which VN-2000 shares, and the figures of the TM-3 zones.
const (
	degree       = math.Pi / 180
	axis         = 6378137.0
	flattening   = 1 / 298.257223563
	eccentricity = flattening * (2 - flattening) // squared
	scale        = 0.9999
	falseEasting = 500000.0
)

// The seven parameters of EPSG operation "VN-2000 to WGS 84 (2)", with the signs of a position vector transformation.
const (
	shiftX = -191.90441429
	shiftY = -39.30318279
	shiftZ = -111.45032835
	rotX   = 0.00928836 * degree / 3600
	rotY   = -0.01975479 * degree / 3600
	rotZ   = 0.00427372 * degree / 3600
	growth = 1 + 0.252906278e-6
)

func toWGS84(x, y, z float64) (float64, float64, float64) {
	return growth*(x-rotZ*y+rotY*z) + shiftX,
		growth*(rotZ*x+y-rotX*z) + shiftY,
		growth*(-rotY*x+rotX*y+z) + shiftZ
}

func fromWGS84(x, y, z float64) (float64, float64, float64) {
	x, y, z = (x-shiftX)/growth, (y-shiftY)/growth, (z-shiftZ)/growth
	return x + rotZ*y - rotY*z, -rotZ*x + y + rotX*z, rotY*x - rotX*y + z
}

func geocentric(λ, φ float64) (x, y, z float64) {
	sinφ, cosφ := math.Sincos(φ)
	sinλ, cosλ := math.Sincos(λ)
	n := axis / math.Sqrt(1-eccentricity*sinφ*sinφ)
	return n * cosφ * cosλ, n * cosφ * sinλ, n * (1 - eccentricity) * sinφ
}

// geodetic is Bowring's formula: below a micrometre for places near the ground.
func geodetic(x, y, z float64) (λ, φ float64) {
	const polar = axis * (1 - flattening)
	const second = eccentricity / (1 - eccentricity)
	p := math.Hypot(x, y)
	t := z / p * (axis / polar)
	cosβ := 1 / math.Sqrt(1+t*t)
	sinβ := t * cosβ
	return math.Atan2(y, x), math.Atan2(z+second*polar*sinβ*sinβ*sinβ, p-eccentricity*axis*cosβ*cosβ*cosβ)
}

// Krüger's series in the third flattening n to its fourth power (Karney 2011, equations 12, 35 and 36): below a micrometre
// within the zones.
const (
	n1        = flattening / (2 - flattening)
	n2        = n1 * n1
	n3        = n2 * n1
	n4        = n3 * n1
	rectified = axis / (1 + n1) * (1 + n2/4 + n4/64)

	α1 = n1/2 - 2*n2/3 + 5*n3/16 + 41*n4/180
	α2 = 13*n2/48 - 3*n3/5 + 557*n4/1440
	α3 = 61*n3/240 - 103*n4/140
	α4 = 49561 * n4 / 161280

	β1 = n1/2 - 2*n2/3 + 37*n3/96 - n4/360
	β2 = n2/48 + n3/15 - 437*n4/1440
	β3 = 17*n3/480 - 37*n4/840
	β4 = 4397 * n4 / 161280
)

// tmForward gives easting and northing in metres for a longitude from the central meridian and a latitude, in radians.
func tmForward(λ, φ float64) (e, n float64) {
	ecc := math.Sqrt(eccentricity)
	sinφ := math.Sin(φ)
	// t is the tangent of the conformal latitude.
	t := math.Sinh(math.Atanh(sinφ) - ecc*math.Atanh(ecc*sinφ))
	sinλ, cosλ := math.Sincos(λ)
	ξ, η := math.Atan2(t, cosλ), math.Asinh(sinλ/math.Hypot(t, cosλ))
	n, e = series(ξ, η, α1, α2, α3, α4)
	return rectified * (η + e), rectified * (ξ + n)
}

// tmInverse is the inverse of tmForward.
func tmInverse(e, n float64) (λ, φ float64) {
	ξ, η := n/rectified, e/rectified
	dξ, dη := series(ξ, η, β1, β2, β3, β4)
	ξ, η = ξ-dξ, η-dη
	sinξ, cosξ := math.Sincos(ξ)
	sinhη := math.Sinh(η)
	return math.Atan2(sinhη, cosξ), latitudeOfConformal(sinξ / math.Hypot(sinhη, cosξ))
}

// series sums the terms a·sin(2kξ)cosh(2kη) and a·cos(2kξ)sinh(2kη) for k = 1…4 by the formulas for multiple angles.
func series(ξ, η, a1, a2, a3, a4 float64) (dξ, dη float64) {
	s, c := math.Sincos(2 * ξ)
	e := math.Exp(2 * η)
	sh, ch := (e-1/e)/2, (e+1/e)/2
	sk, ck, shk, chk := s, c, sh, ch
	for _, a := range [...]float64{a1, a2, a3, a4} {
		dξ += a * sk * chk
		dη += a * ck * shk
		sk, ck = sk*c+ck*s, ck*c-sk*s
		shk, chk = shk*ch+chk*sh, chk*ch+shk*sh
	}
	return dξ, dη
}

// latitudeOfConformal inverts the tangent of the conformal latitude by Newton's method (Karney 2011, equations 19 to 21).
func latitudeOfConformal(t float64) float64 {
	ecc := math.Sqrt(eccentricity)
	τ := t / (1 - eccentricity)
	for range 4 {
		r := math.Sqrt(1 + τ*τ)
		σ := math.Sinh(ecc * math.Atanh(ecc*τ/r))
		ti := τ*math.Sqrt(1+σ*σ) - σ*r
		step := (t - ti) / math.Sqrt(1+ti*ti) * (1 + (1-eccentricity)*τ*τ) / ((1 - eccentricity) * r)
		τ += step
		if math.Abs(step) < 1e-14 {
			break
		}
	}
	return math.Atan(τ)
}
