// Pictures: reading a point of the screen, and keeping screenshots small (PNG with a palette of at most 256 colours).
import { mkdirSync, writeFileSync } from 'node:fs';
import { crc32, deflateSync } from 'node:zlib';

const images = new URL('../docs/images/', import.meta.url);

/** Decodes a screenshot in a blank page, where no policy stands in the way. */
async function decode(context, png) {
  const page = await context.newPage();
  try {
    const { width, height, base64 } = await page.evaluate(async (data) => {
      const image = new Image();
      image.src = `data:image/png;base64,${data}`;
      await image.decode();
      const canvas = new OffscreenCanvas(image.width, image.height);
      const drawing = canvas.getContext('2d');
      drawing.drawImage(image, 0, 0);
      const { data: rgba } = drawing.getImageData(0, 0, image.width, image.height);
      let text = '';
      for (let i = 0; i < rgba.length; i += 32_768) text += String.fromCharCode(...rgba.subarray(i, i + 32_768));
      return { width: image.width, height: image.height, base64: btoa(text) };
    }, png.toString('base64'));
    return { width, height, rgba: Buffer.from(base64, 'base64') };
  } finally {
    await page.close();
  }
}

/** The mean colour around a point of the page, as [r, g, b]. */
export async function colorAt(page, { x, y }) {
  const clip = { x: Math.round(x) - 2, y: Math.round(y) - 2, width: 5, height: 5 };
  const { rgba } = await decode(page.context(), await page.screenshot({ clip }));
  const sum = [0, 0, 0];
  for (let i = 0; i < rgba.length; i += 4) for (let c = 0; c < 3; c++) sum[c] += rgba[i + c];
  return sum.map((s) => Math.round((s * 4) / rgba.length));
}

export const distance = (a, b) => Math.hypot(...a.map((v, i) => v - b[i]));

/** Keeps a picture of the page for the documentation. */
export async function picture(page, name) {
  const { width, height, rgba } = await decode(page.context(), await page.screenshot());
  mkdirSync(images, { recursive: true });
  writeFileSync(new URL(name, images), encode(width, height, rgba));
}

/** Counts colours in cells of 5 bits a channel, and splits them by median cut. */
function palette(rgba, most) {
  const cells = new Map();
  for (let i = 0; i < rgba.length; i += 4) {
    const key = keyOf(rgba, i);
    const cell = cells.get(key) ?? { key, n: 0, sum: [0, 0, 0] };
    cell.n++;
    for (let c = 0; c < 3; c++) cell.sum[c] += rgba[i + c];
    cells.set(key, cell);
  }
  for (const cell of cells.values()) cell.mean = cell.sum.map((s) => s / cell.n);
  const boxes = [[...cells.values()]];
  while (boxes.length < most) {
    const weights = boxes.map((box) => (box.length > 1 ? spread(box).range * Math.sqrt(box.reduce((n, c) => n + c.n, 0)) : 0));
    const at = weights.indexOf(Math.max(...weights));
    if (weights[at] === 0) break;
    const box = boxes[at];
    const { channel } = spread(box);
    box.sort((a, b) => a.mean[channel] - b.mean[channel]);
    boxes.splice(at, 1, box.slice(0, box.length >> 1), box.slice(box.length >> 1));
  }
  const index = new Map();
  const colors = boxes.map((box, i) => {
    const n = box.reduce((sum, c) => sum + c.n, 0);
    for (const cell of box) index.set(cell.key, i);
    return [0, 1, 2].map((c) => Math.round(box.reduce((sum, cell) => sum + cell.sum[c], 0) / n));
  });
  return { colors, index };
}

const keyOf = (rgba, i) => ((rgba[i] >> 3) << 10) | ((rgba[i + 1] >> 3) << 5) | (rgba[i + 2] >> 3);

function spread(box) {
  const ranges = [0, 1, 2].map((c) => {
    const values = box.map((cell) => cell.mean[c]);
    return Math.max(...values) - Math.min(...values);
  });
  const range = Math.max(...ranges);
  return { range, channel: ranges.indexOf(range) };
}

function encode(width, height, rgba) {
  const { colors, index } = palette(rgba, 256);
  const rows = Buffer.alloc((width + 1) * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) rows[y * (width + 1) + 1 + x] = index.get(keyOf(rgba, 4 * (y * width + x)));
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', head),
    chunk('PLTE', Buffer.from(colors.flat())),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(kind, data) {
  const body = Buffer.concat([Buffer.from(kind, 'latin1'), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}
