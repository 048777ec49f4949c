package features

// crs84 is the coordinate reference system that is meant when nothing is said: lon, lat in degrees.
const crs84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"

// reference is a coordinate reference system that answers can be given in.
type reference struct {
	uri  string
	srid int // as PostGIS knows it
	// latLon tells that the authority puts north before east. EPSG:9205, 9208 and 3405 are east first, as PROJ reads them.
	latLon bool
	// degrees tells that coordinates are degrees and not metres.
	degrees bool
}

// references are those served, the storage's first.
func references() []reference {
	const epsg = "http://www.opengis.net/def/crs/EPSG/0/"
	return []reference{
		{crs84, 4326, false, true},
		{epsg + "4326", 4326, true, true},
		{epsg + "3857", 3857, false, false},
		{epsg + "9205", 9205, false, false},
		{epsg + "9208", 9208, false, false},
		{epsg + "3405", 3405, false, false},
		{epsg + "4756", 4756, true, true},
	}
}

func crsURIs() []string { return []string{crs84} }
