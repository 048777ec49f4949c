/** The house: state ← edit, api, map ← ui. Imports go one way, and two things have one home. */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';

const src = new URL('../src/', import.meta.url);
const mayImport: Record<string, string[]> = {
  state: [],
  edit: ['state'],
  api: ['state'],
  map: ['state'],
  ui: ['state', 'edit', 'api', 'map'],
};

const files = (room: string) =>
  readdirSync(new URL(`${room}/`, src))
    .filter((name) => name.endsWith('.ts'))
    .map((name) => ({ name: `${room}/${name}`, text: readFileSync(new URL(`${room}/${name}`, src), 'utf8') }));

for (const [room, below] of Object.entries(mayImport))
  test(`${room} imports only from ${below.join(', ') || 'itself'}`, () => {
    for (const { name, text } of files(room))
      for (const [, from] of text.matchAll(/from '\.\.\/(\w+)\//g))
        assert.ok(below.includes(from ?? ''), `${name} imports from ${from}`);
  });

test('the map library is known to the room of the map alone', () => {
  for (const room of Object.keys(mayImport))
    for (const { name, text } of files(room))
      if (room !== 'map') assert.ok(!text.includes("from 'maplibre-gl'"), `${name} imports the map library`);
});

test('the network is reached from the room of the server alone', () => {
  for (const room of Object.keys(mayImport))
    for (const { name, text } of files(room))
      if (room !== 'api') assert.doesNotMatch(text, /\bfetch\(|new EventSource|new XMLHttpRequest/, name);
});

test('no file names an outside host', () => {
  for (const room of Object.keys(mayImport))
    for (const { name, text } of files(room)) assert.doesNotMatch(text, /https?:\/\//, name);
});
