/** The change a person intends: as long as it is the same request, it goes under the same key, also when it is sent again later. */
import type { Request } from './request.ts';

export interface Intent {
  key: string;
  /** What was sent, to the letter. */
  of: string;
}

export function intentOf(before: Intent | undefined, request: Request, newKey: () => string): Intent {
  const of = JSON.stringify([request.method, request.path, request.ifMatch ?? null, request.body]);
  return before?.of === of ? before : { key: newKey(), of };
}
