/**
 * What a person is about to send: a move of the work, an edit, a new point or a coverage file. Drafts are plain values;
 * every action gives a new one, and whyNot says what still stands in the way, for the page and for the tests alike.
 */
import type { Geometry } from 'geojson';
import { controlOf, faultOf, type Raw, rawOf, valueIn } from '../state/form.ts';
import { fieldOf, groupOf } from '../state/layers.ts';
import type { Feature, Field, Lang, Layer, Media, OfferedMove, Place } from '../state/types.ts';
import type { WordKey } from '../state/words.ts';

export interface Attached {
  key: string;
  name: string;
  /** 0–100 while it is being sent. */
  sent: number;
  media?: Media;
  failed?: string;
}

export interface Draft {
  kind: 'move' | 'edit' | 'create' | 'submission';
  layer: Layer;
  /** The feature acted on and the revision its writer saw. */
  feature?: Feature;
  move?: OfferedMove;
  fields: Field[];
  needs: ReadonlySet<string>;
  raw: Readonly<Record<string, Raw>>;
  touched: ReadonlySet<string>;
  reason: string;
  reasonNeeded: boolean;
  files: readonly Attached[];
  fileNeeded: boolean;
  /** Where the new point or the model stands; undefined when the draft has no place. */
  place?: Place | null;
  /** The shape of a feature that is made anew from one that was deleted meanwhile. */
  geometry?: Geometry | null;
}

/** Why a draft cannot be sent yet: a word, and the field it is about. */
export interface Reason {
  why: WordKey;
  limit?: number;
  field?: string;
}

const lonOf = (fields: readonly Field[]) => fields.find((f) => /(^|_)lon$/.test(f.name));
const latOf = (fields: readonly Field[]) => fields.find((f) => /(^|_)lat$/.test(f.name));

/** The field that names the uploaded file itself, such as a site's model. */
const fileField = (draft: Draft) => draft.fields.find((f) => draft.kind === 'move' && f.name === 'model_id');

/** Whether the file asked for is a 3D model. */
export const wantsModel = (draft: Draft): boolean => fileField(draft) !== undefined;

/** The fields shown as controls; a place is set on the map and a file chosen instead. */
export const typed = (draft: Draft): Field[] => {
  const [lon, lat, file] = [lonOf(draft.fields), latOf(draft.fields), fileField(draft)];
  const elsewhere = new Set([file, ...(lon && lat ? [lon, lat] : [])]);
  return draft.fields.filter((f) => !elsewhere.has(f) && controlOf(f) !== null);
};

export const isNeeded = (draft: Draft, field: Field): boolean => draft.needs.has(field.name);

interface Start {
  layer: Layer;
  lang: Lang;
  /** Today as YYYY-MM-DD: the day offered for a date that a move needs. */
  today: string;
}

function begin(kind: Draft['kind'], start: Start, fields: Field[], needs: Iterable<string>, of?: Feature): Draft {
  const wanted = new Set(needs);
  const raw: Record<string, Raw> = {};
  for (const field of fields) {
    const known =
      of?.properties[field.name] ?? (kind === 'create' || kind === 'submission' ? field.default : undefined);
    const value = known ?? (field.type === 'date' && wanted.has(field.name) ? start.today : undefined);
    raw[field.name] = rawOf(field, value, start.lang);
  }
  return {
    kind,
    layer: start.layer,
    ...(of ? { feature: of } : {}),
    fields,
    needs: wanted,
    raw,
    touched: new Set(),
    reason: '',
    reasonNeeded: false,
    files: [],
    fileNeeded: false,
  };
}

/** A move of the layer's work on a feature. */
export function startMove(start: Start, feature: Feature, move: OfferedMove): Draft {
  const names = [...new Set([...(move.fields ?? []), ...(move.needs ?? [])])];
  const fields = names.map((name) => fieldOf(start.layer, name)).filter((f) => f !== undefined);
  const draft = begin('move', start, fields, move.needs ?? [], feature);
  const placed = lonOf(fields) && latOf(fields);
  return {
    ...draft,
    move,
    reasonNeeded: move.reason === true,
    fileNeeded: move.evidence === true,
    ...(placed ? { place: placeOf(fields, feature) } : {}),
  };
}

function placeOf(fields: Field[], feature: Feature): Place | null {
  const lon = feature.properties[lonOf(fields)?.name ?? ''];
  const lat = feature.properties[latOf(fields)?.name ?? ''];
  if (typeof lon === 'number' && typeof lat === 'number') return [lon, lat];
  return feature.geometry?.type === 'Point' ? (feature.geometry.coordinates.slice(0, 2) as Place) : null;
}

/** Fields that a person may type: not the computed, not those that only a move writes. */
export const editable = (layer: Layer): Field[] =>
  layer.fields
    .filter((f) => !f.computed && !f.moved && controlOf(f) !== null && !['commune_code', 'source_ref'].includes(f.name))
    .sort((a, b) => rank(layer, a) - rank(layer, b));

/** The name comes first, then what the thing is, then where it was written down. */
const rank = (layer: Layer, field: Field) => (field.name === 'name' ? 0 : groupOf(layer, field) === 'record' ? 2 : 1);

export function startEdit(start: Start, feature: Feature): Draft {
  const fields = editable(start.layer);
  return begin('edit', start, fields, requiredOf(fields), feature);
}

export function startCreate(start: Start, place: Place | null): Draft {
  const fields = editable(start.layer);
  return { ...begin('create', start, fields, requiredOf(fields)), place };
}

/** The fields of a coverage claim, in the order a partner fills them. */
export const claimFields = [
  'operator',
  'technology',
  'environment',
  'min_signal_dbm',
  'min_down_mbps',
  'min_up_mbps',
  'as_of',
  'method',
];

export function startSubmission(start: Start, operator: string | null | undefined): Draft {
  const fields = claimFields.map((name) => fieldOf(start.layer, name)).filter((f) => f !== undefined);
  const needs = fields.filter((f) => f.required || f.name === 'as_of').map((f) => f.name);
  const draft = { ...begin('submission', start, fields, needs), fileNeeded: true };
  return operator ? { ...draft, raw: { ...draft.raw, operator } } : draft;
}

const requiredOf = (fields: Field[]) => fields.filter((f) => f.required).map((f) => f.name);

export const setRaw = (draft: Draft, name: string, raw: Raw): Draft => ({
  ...draft,
  raw: { ...draft.raw, [name]: raw },
  touched: new Set([...draft.touched, name]),
});

export const setReason = (draft: Draft, reason: string): Draft => ({ ...draft, reason });
export const setPlace = (draft: Draft, place: Place): Draft => ({ ...draft, place });

export const attach = (draft: Draft, file: Attached): Draft => ({
  ...draft,
  files: [...draft.files.filter((f) => f.key !== file.key), file],
});
export const detach = (draft: Draft, key: string): Draft => ({
  ...draft,
  files: draft.files.filter((f) => f.key !== key),
});

/** The newer feature under what was typed: fields that were not touched follow it. */
export function rebase(draft: Draft, feature: Feature, lang: Lang): Draft {
  const raw: Record<string, Raw> = { ...draft.raw };
  for (const field of draft.fields)
    if (!draft.touched.has(field.name)) {
      const value = feature.properties[field.name];
      if (value !== null && value !== undefined) raw[field.name] = rawOf(field, value, lang);
    }
  return { ...draft, feature, raw };
}

/** The same content as a new feature, where the one it was about is gone. */
export function anew(draft: Draft): Draft {
  const { feature, move: _, ...rest } = draft;
  const made = { ...rest, kind: 'create' as const, geometry: feature?.geometry ?? null };
  return { ...made, fields: editable(draft.layer), needs: new Set(requiredOf(editable(draft.layer))) };
}

/** Everything that keeps the draft from being sent, in the order of the form. */
export function whyNot(draft: Draft, lang: Lang): Reason[] {
  const reasons: Reason[] = [];
  if (draft.place === null) reasons.push({ why: 'whyPlace', field: 'place' });
  for (const field of typed(draft)) {
    const fault = faultOf(field, draft.raw[field.name], isNeeded(draft, field), lang);
    if (fault) reasons.push({ ...fault, field: field.name });
  }
  if (draft.reasonNeeded && draft.reason.trim() === '') reasons.push({ why: 'whyReason', field: 'reason' });
  if (draft.files.some((f) => f.media === undefined && !f.failed && draft.kind !== 'submission'))
    reasons.push({ why: 'whyUploading', field: 'files' });
  if (draft.fileNeeded && draft.files.every((f) => f.failed)) reasons.push({ why: 'whyEvidence', field: 'files' });
  if (draft.kind === 'edit' && Object.keys(changed(draft, lang)).length === 0) reasons.push({ why: 'whyNothing' });
  return reasons;
}

/** The properties that differ from the feature's. */
export function changed(draft: Draft, lang: Lang): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const field of typed(draft)) {
    const value = valueIn(field, draft.raw[field.name], lang);
    const before = draft.feature?.properties[field.name] ?? (controlOf(field) === 'switch' ? false : null);
    const same = JSON.stringify(value) === JSON.stringify(before) || (isEmpty(value) && isEmpty(before));
    if (!same) out[field.name] = value;
  }
  return out;
}

const isEmpty = (value: unknown) => value === null || (Array.isArray(value) && value.length === 0);

/** The properties that a move carries: every field it asks for that was given. */
export function given(draft: Draft, lang: Lang): Record<string, unknown> {
  const out: Record<string, unknown> = {};
  for (const field of typed(draft)) {
    const value = valueIn(field, draft.raw[field.name], lang);
    if (value !== null) out[field.name] = value;
  }
  const [lon, lat] = [lonOf(draft.fields), latOf(draft.fields)];
  if (draft.kind === 'move' && draft.place && lon && lat) {
    out[lon.name] = draft.place[0];
    out[lat.name] = draft.place[1];
  }
  const file = fileField(draft);
  const media = draft.files.find((f) => f.media)?.media;
  if (file && media) out[file.name] = String(media.id);
  return out;
}
