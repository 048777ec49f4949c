// Builds the web app into dist: index.html, and under assets our bundle, the map library left as files, and the fonts.
import { cpSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { build } from 'esbuild';

const out = new URL('./dist/', import.meta.url);
const modules = new URL('./node_modules/', import.meta.url);
const assets = new URL('assets/', out);

for (const name of readdirSync(out)) if (name !== '.keep') rmSync(new URL(name, out), { recursive: true });
mkdirSync(new URL('vendor/', assets), { recursive: true });
mkdirSync(new URL('fonts/', assets), { recursive: true });

// The map library stays a file of its own: bundled, it cannot find its worker, and a strict CSP refuses a blob.
for (const name of ['maplibre-gl.mjs', 'maplibre-gl-worker.mjs', 'maplibre-gl.css'])
  cpSync(new URL(`maplibre-gl/dist/${name}`, modules), new URL(`vendor/${name}`, assets));
for (const subset of ['vietnamese', 'latin', 'latin-ext'])
  for (const weight of [400, 500, 600]) {
    const name = `noto-sans-${subset}-${weight}-normal.woff2`;
    cpSync(new URL(`@fontsource/noto-sans/files/${name}`, modules), new URL(`fonts/${name}`, assets));
  }
for (const name of ['index.html', 'icon.svg'])
  cpSync(new URL(`src/${name}`, import.meta.url), new URL(name === 'index.html' ? name : `assets/${name}`, out));

const mapAsFile = {
  name: 'map-as-file',
  setup: (b) => b.onResolve({ filter: /^maplibre-gl$/ }, () => ({ path: './vendor/maplibre-gl.mjs', external: true })),
};
await build({
  entryPoints: {
    main: 'src/main.ts',
    style: 'src/style.css',
    pages: 'src/pages.css',
    preview: 'src/preview.ts',
    'preview-style': 'src/preview.css',
  },
  absWorkingDir: new URL('.', import.meta.url).pathname,
  outdir: assets.pathname,
  bundle: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  external: ['/assets/*'],
  sourcemap: 'linked',
  legalComments: 'none',
  plugins: [mapAsFile],
});
