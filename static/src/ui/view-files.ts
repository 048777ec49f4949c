/** Choosing files and watching them go. */
import { html, nothing, type TemplateResult } from 'lit';
import { type Attached, type Draft, detach, type Reason, wantsModel } from '../edit/draft.ts';
import type { App } from './app.ts';
import { attachFile, change } from './forms.ts';
import { icon } from './icons.ts';
import { faultLine, optional } from './view-form.ts';

/** What is asked for, in words and as the browser's file chooser wants it. */
function kindOf(draft: Draft) {
  if (draft.kind === 'submission')
    return { title: 'coverageFile', help: 'coverageFileHelp', accept: '.geojson,.json,.kml,.zip,.gpkg' } as const;
  if (wantsModel(draft)) return { title: 'evidence', help: 'evidenceModel', accept: '.glb,model/gltf-binary' } as const;
  return {
    title: 'evidence',
    help: 'evidenceHelp',
    accept: 'image/jpeg,image/png,image/webp,application/pdf',
  } as const;
}

export function filesView(app: App, draft: Draft, reason: Reason | undefined): TemplateResult {
  const { title, help, accept } = kindOf(draft);
  const chosen = (e: Event) => {
    const input = e.target as HTMLInputElement;
    for (const file of input.files ?? []) void attachFile(app, file);
    input.value = '';
  };
  return html`<div class="field">
    <span class="label" id="files-label">${app.say(title)}${optional(app, draft.fileNeeded)}</span>
    <p class="help">${app.say(help)}</p>
    ${draft.files.length ? html`<ul class="plain files">${draft.files.map((f) => fileRow(app, f))}</ul>` : nothing}
    <label class="quiet choose-file">
      ${icon('upload')}<span>${app.say('addFile')}</span>
      <input type="file" class="visually-hidden" accept=${accept} @change=${chosen} aria-describedby="files-label" aria-invalid=${reason !== undefined} />
    </label>
    ${faultLine(app, 'files', reason)}
  </div>`;
}

function fileRow(app: App, file: Attached): TemplateResult {
  const going = !file.media && !file.failed && file.sent > 0;
  return html`<li class=${file.failed ? 'failed' : ''}>
    ${file.media?.thumb ? html`<img src=${file.media.thumb} alt="" width="48" height="36" />` : icon(file.media ? 'check' : 'file')}
    <span class="row-text">
      <span class="row-title">${file.name}</span>
      ${file.failed ? html`<span class="fault">${file.failed}</span>` : nothing}
      ${going ? html`<progress max="100" .value=${file.sent} aria-label=${file.name}></progress><span class="faint">${app.say('uploading', { pct: file.sent })}</span>` : nothing}
    </span>
    <button type="button" class="round small" aria-label=${app.say('removeFile', { name: file.name })} @click=${() => change(app, (d) => detach(d, file.key))}>
      ${icon('close')}
    </button>
  </li>`;
}
