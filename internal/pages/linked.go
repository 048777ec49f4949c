package pages

import "github.com/paulmach/orb"

// Dataset is a collection as open data. Addresses are whole, times RFC 3339.
type Dataset struct {
	Here, ID, Title, Description string
	Language                     string // "vi" or "en"
	Publisher                    string
	Licence                      string // an address; empty where none is declared
	Changed                      string // when it last changed; empty where that is not known
	Bounds                       *orb.Bound
	Keywords                     []string
	Distributions                []Link
}

// terms are the vocabularies of DCAT 3.
func terms() any {
	return map[string]any{
		"dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/", "foaf": "http://xmlns.com/foaf/0.1/",
		"geo": "http://www.opengis.net/ont/geosparql#",
	}
}

// CatalogueData is the catalogue in DCAT (W3C, version 3).
func CatalogueData(here, title, publisher, lang string, sets []Dataset) any {
	list := make([]any, len(sets))
	for i, d := range sets {
		list[i] = map[string]any{"@id": d.Here, "@type": "dcat:Dataset", "dct:title": text(d.Title, d.Language)}
	}
	return map[string]any{
		"@context": terms(), "@id": here, "@type": "dcat:Catalog", "dct:title": text(title, lang),
		"dct:publisher": map[string]any{"@type": "foaf:Organization", "foaf:name": publisher}, "dcat:dataset": list,
	}
}

// Linked is the collection in DCAT, and once more in schema.org's words, which search engines for data read.
func (d Dataset) Linked() any {
	dcat := map[string]any{
		"@id": d.Here, "@type": "dcat:Dataset", "dct:identifier": d.ID, "dct:title": text(d.Title, d.Language),
		"dct:description": text(d.Description, d.Language), "dcat:landingPage": map[string]any{"@id": d.Here},
		"dct:publisher": map[string]any{"@type": "foaf:Organization", "foaf:name": d.Publisher},
	}
	plain := map[string]any{
		"@context": "https://schema.org/", "@type": "Dataset", "@id": d.Here, "name": d.Title, "description": d.Description, "url": d.Here,
		"identifier": d.ID, "inLanguage": d.Language, "isAccessibleForFree": true,
		"creator": map[string]any{"@type": "GovernmentOrganization", "name": d.Publisher},
	}
	if d.Licence != "" {
		dcat["dct:license"], plain["license"] = map[string]any{"@id": d.Licence}, d.Licence
	}
	if d.Changed != "" {
		dcat["dct:modified"], plain["dateModified"] = d.Changed, d.Changed
	}
	if len(d.Keywords) > 0 {
		dcat["dcat:keyword"], plain["keywords"] = d.Keywords, d.Keywords
	}
	if b := d.Bounds; b != nil {
		box := box(*b)
		dcat["dct:spatial"] = map[string]any{"@type": "dct:Location", "dcat:bbox": map[string]any{"@type": "geo:wktLiteral", "@value": wkt(*b)}}
		plain["spatialCoverage"] = map[string]any{"@type": "Place", "geo": map[string]any{"@type": "GeoShape", "box": box}}
	}
	var forms, downloads []any
	for _, l := range d.Distributions {
		forms = append(forms, map[string]any{"@type": "dcat:Distribution", "dct:title": l.Title, "dcat:mediaType": l.Type, "dcat:accessURL": map[string]any{"@id": l.Href}})
		downloads = append(downloads, map[string]any{"@type": "DataDownload", "name": l.Title, "encodingFormat": l.Type, "contentUrl": l.Href})
	}
	if len(forms) > 0 {
		dcat["dcat:distribution"], plain["distribution"] = forms, downloads
	}
	dcat["@context"] = terms()
	return []any{dcat, plain}
}

// PlaceData is a feature as a place of schema.org.
func PlaceData(here, name, description, set string, bound *orb.Bound) any {
	place := map[string]any{
		"@context": "https://schema.org/", "@type": "Place", "@id": here, "name": name, "url": here,
		"subjectOf": map[string]any{"@type": "Dataset", "@id": set},
	}
	if description != "" {
		place["description"] = description
	}
	if bound != nil {
		if bound.Min == bound.Max {
			place["geo"] = map[string]any{"@type": "GeoCoordinates", "longitude": bound.Min[0], "latitude": bound.Min[1]}
		} else {
			place["geo"] = map[string]any{"@type": "GeoShape", "box": box(*bound)}
		}
	}
	return place
}

func text(value, lang string) any { return map[string]any{"@value": value, "@language": lang} }

// box is schema.org's: latitude before longitude, south-west and north-east.
func box(b orb.Bound) string {
	return degrees(b.Min[1]) + " " + degrees(b.Min[0]) + " " + degrees(b.Max[1]) + " " + degrees(b.Max[0])
}

func wkt(b orb.Bound) string {
	w, s, e, n := degrees(b.Min[0]), degrees(b.Min[1]), degrees(b.Max[0]), degrees(b.Max[1])
	return "POLYGON((" + w + " " + s + ", " + e + " " + s + ", " + e + " " + n + ", " + w + " " + n + ", " + w + " " + s + "))"
}
