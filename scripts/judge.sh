#!/usr/bin/env bash
# Has the tiles of a running bando read by decoders that nobody here wrote: a conformance kit decodes each tile with
# mapbox-vector-tile (Python), @mapbox/vector-tile (JavaScript) and GDAL, which must agree on the features of each layer.
# Tiles are taken at features of every layer at zooms 5 to 18, of each layer alone and of all layers together; then the
# TileJSON of each layer, and archives.
#
# usage: scripts/judge.sh URL [KIT] [ARCHIVE.pmtiles]...     KIT is the kit's folder, ../shared/kit if not given
# TOOLS is where KIT/setup.sh has put the decoders; TILES_A_LAYER=2 takes more tiles of each layer and zoom than one.
# exit: 0 all agree, 1 some do not, 2 it could not run
set -euo pipefail
cd "$(dirname "$0")/.."
die() {
	printf '%s\n' "$1" "$2" >&2
	exit 2
}
[ $# -ge 1 ] || { sed -n '2,9p' "$0" >&2; exit 2; }
url=${1%/}
kit=${2:-../shared/kit}
shift $(($# > 1 ? 2 : 1))
[ -x "$kit/tiles/run.sh" ] || die "Không có bộ kiểm tra ở $kit." "There is no kit at $kit."
work=$(mktemp -d "${TMPDIR:-/tmp}/bando-judge.XXXXXX")
trap 'rm -rf "$work"' EXIT

# What to read: "tile=URL" lines, full tiles alone, then "tilejson=URL".
node --input-type=module - "$url" "${TILES_A_LAYER:-1}" >"$work/list" <<'JS' || die "Không hỏi được $url." "$url cannot be asked."
const [url, share] = [process.argv[2], Number(process.argv[3])]
const json = async path => (await fetch(url + path, {headers: {Accept: 'application/json'}})).json()
const first = c => (typeof c[0] === 'number' ? c : first(c[0]))
const at = ([lon, lat], z) => {
  const n = 2 ** z, y = Math.asinh(Math.tan((lat * Math.PI) / 180)) / Math.PI
  return [z, Math.floor(((lon + 180) / 360) * n), Math.floor(((1 - y) / 2) * n)].join('/')
}
const tiles = new Set(), layers = []
for (const {id} of (await json('/collections')).collections) {
  const described = await fetch(`${url}/tiles/${id}.json`)
  if (!described.ok) continue // a table without geometry
  const {minzoom} = await described.json()
  const {features} = await json(`/collections/${id}/items?limit=200`)
  const places = features.filter(f => f.geometry).map(f => first(f.geometry.coordinates ?? f.geometry.geometries[0].coordinates))
  layers.push({id, places})
  for (let z = Math.max(5, minzoom); z <= 18; z++)
    for (let i = 0; i < share && places.length; i++) tiles.add(`${id}/${at(places[(z * 7 + i * 31) % places.length], z)}`)
}
for (let k = 0; k < layers.length; k += 16) { // as many layers as one tile takes
  const some = layers.slice(k, k + 16), ids = some.map(l => l.id).join(',')
  for (let z = 5; z <= 18; z++)
    for (const l of some.slice(0, 4)) if (l.places.length) tiles.add(`${ids}/${at(l.places[z % l.places.length], z)}`)
}
if (await fetch(`${url}/tiles/base.json`).then(r => r.ok)) {
  const {minzoom, maxzoom} = await json('/tiles/base.json')
  for (let z = minzoom; z <= maxzoom; z++) for (const l of layers.slice(0, 4)) if (l.places.length) tiles.add(`base/${at(l.places[0], z)}`)
  console.log(`tilejson=${url}/tiles/base.json`)
}
for (const t of tiles) if ((await fetch(`${url}/tiles/${t}`)).status !== 204) console.log(`tile=${url}/tiles/${t}`)
for (const l of layers) if (l.places.length) console.log(`tilejson=${url}/tiles/${l.id}.json`)
JS
for archive in "$@"; do echo "pmtiles=$archive" >>"$work/list"; done

# In portions, since the kit bounds its own time.
: >"$work/said"
ended=0
while mapfile -t -n 100 portion && [ ${#portion[@]} -gt 0 ]; do
	"$kit/tiles/run.sh" "${portion[@]}" >>"$work/said" || ended=$?
	case $ended in 0 | 1) ;; *) die "Bộ kiểm tra dừng với mã $ended; chạy $kit/setup.sh trước." "The kit ended with $ended; run $kit/setup.sh first." ;; esac
done <"$work/list"

# Each tile and TileJSON that was asked for must have been judged: silence is no agreement.
grep '^FAIL' "$work/said" || true
judged=$(grep -c 'three decoders agree' "$work/said" || true)
asked=$(grep -cE '^tile(json)?=' "$work/list" || true)
printf '%s tiles read by three decoders, %s agree; %s with _left_out; %s checks, %s failed\n' "$judged" \
	"$(grep -c '^ok .*three decoders agree' "$work/said" || true)" "$(grep -c "three decoders agree.*'_left_out'" "$work/said" || true)" \
	"$(grep -cE '^(ok|FAIL) ' "$work/said" || true)" "$(grep -c '^FAIL' "$work/said" || true)"
[ "$judged" -eq "$asked" ] || { echo "$asked were asked for" >&2; exit 1; }
! grep -q '^FAIL' "$work/said"
