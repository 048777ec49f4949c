/** Multiplies an opacity of the style by a factor, whether it is a number or an expression. */

/** Zoom may only stand in the outermost step or interpolate, so their outputs are scaled one by one. */
export function scaleOpacity(value: unknown, factor: number): unknown {
  if (value === undefined || value === null) return factor;
  if (typeof value === 'number') return value * factor;
  if (!Array.isArray(value)) return factor;
  const scaleFrom = (first: number) =>
    value.map((v, i) => (i >= first && (i - first) % 2 === 0 ? scaleOpacity(v, factor) : v));
  if (value[0] === 'interpolate') return scaleFrom(4);
  if (value[0] === 'step') return scaleFrom(2);
  return ['*', factor, value];
}
