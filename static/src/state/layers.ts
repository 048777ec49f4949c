/** Reading the catalogue: groups, titles, names, states. */
import type { Say } from './say.ts';
import type { Catalogue, Field, Layer, Move, Ref, Theme } from './types.ts';

export interface Group {
  theme: Theme;
  layers: Layer[];
}

/** Layers by theme, the themes in the server's order, the layer that lies highest on the map first. */
export function groups(catalogue: Catalogue): Group[] {
  return catalogue.themes
    .map((theme) => ({
      theme,
      layers: catalogue.layers.filter((l) => l.theme === theme.id).sort((a, b) => b.order - a.order),
    }))
    .filter((group) => group.layers.length > 0);
}

export const layerOf = (catalogue: Catalogue | null, id: string): Layer | undefined =>
  catalogue?.layers.find((l) => l.id === id);

export const fieldOf = (layer: Layer | undefined, name: string): Field | undefined =>
  layer?.fields.find((f) => f.name === name);

/** What a feature is called: its name, else its code, else its layer and number. */
export function nameOf(say: Say, layer: Layer | undefined, id: number, properties: Record<string, unknown>): string {
  const own = properties.name ?? properties.code;
  return typeof own === 'string' && own !== '' ? own : say('untitled', { layer: say.text(layer?.title), id });
}

/** The field that holds the state of the layer's work, where it has any. */
export const stateField = (layer: Layer | undefined): Field | undefined => {
  const name = layer?.moves[0]?.field ?? knownStates.find((n) => fieldOf(layer, n)?.moved);
  return name ? fieldOf(layer, name) : undefined;
};
/** Readers who may take no move still see the state: its names in the declarations. */
const knownStates = ['coverage_5g', 'model_state', 'state'];

export const sameRef = (a: Ref | null | undefined, b: Ref | null | undefined): boolean =>
  a?.layer === b?.layer && a?.id === b?.id;

/** States in which nothing is left to do; a move from them is an exception, not a task. */
const settled = new Set(['verified', 'operating', 'retired', 'published', 'withdrawn', 'rejected', 'superseded']);

export interface Task {
  layer: Layer;
  field: Field;
  state: string;
  moves: Move[];
  /** Somebody has done their part and waits for another. */
  second: boolean;
}

/** The kinds of work that a person's moves allow, those that wait for a second person first. */
export function tasks(catalogue: Catalogue): Task[] {
  const found: Task[] = [];
  for (const layer of catalogue.layers)
    for (const name of new Set(layer.moves.map((m) => m.field))) {
      const field = fieldOf(layer, name);
      if (!field?.enum) continue;
      for (const { value: state } of field.enum) {
        const moves = layer.moves.filter((m) => m.field === name && m.from.includes(state) && m.to !== state);
        if (moves.length && !settled.has(state) && moves.some((m) => m.to !== 'retired' && m.to !== 'withdrawn'))
          found.push({ layer, field, state, moves, second: moves.some((m) => m.secondPerson) });
      }
    }
  return found.sort((a, b) => Number(b.second) - Number(a.second));
}

export type FieldGroup = 'state' | 'facts' | 'record';

/** Where a field stands on the feature's sheet. */
export function groupOf(layer: Layer, field: Field): FieldGroup {
  if (field.moved || field.name === stateField(layer)?.name) return 'state';
  return ['code', 'hamlet_id', 'commune_code', 'source', 'source_ref', 'note'].includes(field.name)
    ? 'record'
    : 'facts';
}
