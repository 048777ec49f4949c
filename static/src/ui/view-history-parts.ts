/** The details about changes and time: what stands over each, its title, its body. */
import type { TemplateResult } from 'lit';
import type { App } from './app.ts';
import type { HistoryDetail } from './model-history.ts';
import { changeView, revisionView } from './view-change.ts';
import { compareView } from './view-compare.ts';
import { pastView } from './view-past.ts';
import { undoView } from './view-undo.ts';

export function historyParts(
  app: App,
  detail: HistoryDetail,
): { over?: unknown; title: unknown; body: TemplateResult } {
  switch (detail.kind) {
    case 'change': {
      const layer = app.layer(detail.ref.layer);
      const over = [app.say.text(layer?.title), app.say('changeTitle', { n: detail.entry.revision })];
      return { over: over.filter(Boolean).join(' · '), title: detail.name, body: changeView(app, detail) };
    }
    case 'revision':
      return {
        over: app.say('newsTitle'),
        title: app.say('changeTitle', { n: detail.revision.revision }),
        body: revisionView(app, detail),
      };
    case 'undo':
      return { title: app.say('revertTitle', { n: detail.revision }), body: undoView(app, detail) };
    case 'compare':
      return { title: app.say('compareTitle'), body: compareView(app, detail) };
    case 'past':
      return { title: app.say('past'), body: pastView(app, detail) };
  }
}
