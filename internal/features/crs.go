package features

import (
	"net/http"
	"strings"

	"bando/geodata"
)

// crs84 is the coordinate reference system that is meant when nothing is said: lon, lat in degrees.
const crs84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"

// reference is a coordinate reference system that answers can be given in.
type reference struct {
	uri  string
	srid int // as PostGIS knows it
	// latLon tells that the authority puts north before east. EPSG:9205, 9208 and 3405 are east first, as PROJ reads them.
	latLon bool
}

// references are those served, the storage's first.
func references() []reference {
	const epsg = "http://www.opengis.net/def/crs/EPSG/0/"
	return []reference{
		{crs84, 4326, false},
		{epsg + "4326", 4326, true},
		{epsg + "3857", 3857, false},
		{epsg + "9205", 9205, false},
		{epsg + "9208", 9208, false},
		{epsg + "3405", 3405, false},
		{epsg + "4756", 4756, true},
	}
}

func crsURIs() []string {
	all := references()
	uris := make([]string, len(all))
	for i, ref := range all {
		uris[i] = ref.uri
	}
	return uris
}

// referenceOf reads a parameter that names a coordinate reference system.
func referenceOf(name, uri string) (reference, error) {
	for _, ref := range references() {
		if ref.uri == uri {
			return ref, nil
		}
	}
	list := strings.Join(crsURIs(), ", ")
	return reference{}, wrong(name, "chọn một trong: "+list, "choose one of: "+list)
}

// referenceIn reads such a parameter of a request.
func referenceIn(r *http.Request, name string) (reference, error) {
	if asked := r.URL.Query(); asked.Has(name) {
		return referenceOf(name, asked.Get(name))
	}
	return references()[0], nil
}

// setContentCRS tells in which system an answer's coordinates are (OGC 18-058r1, requirement 16).
func setContentCRS(w http.ResponseWriter, ref reference) {
	w.Header().Set("Content-Crs", "<"+ref.uri+">")
}

// turned gives a box with x before y, whichever way its system has them.
func (ref reference) turned(b geodata.Extent) geodata.Extent {
	if ref.latLon {
		return geodata.Extent{b[1], b[0], b[3], b[2]}
	}
	return b
}
