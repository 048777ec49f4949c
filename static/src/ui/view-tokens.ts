/** Access tokens: the list, making one, showing it once, and what to paste where. */
import { html, nothing, type TemplateResult } from 'lit';
import { sayScopes } from '../state/accounts.ts';
import { commands, filled } from '../state/recipes.ts';
import type { Token } from '../state/types-account.ts';
import { addToken, lives, withdraw } from './account.ts';
import type { App } from './app.ts';
import { copy } from './copy.ts';
import { faultAt, faultBelow, faultLine, formButtons, onSubmit, textField } from './fields.ts';
import { icon } from './icons.ts';
import { closeForm, openForm, patchPages } from './pages.ts';
import { empty } from './parts.ts';

export function tokensView(app: App): TemplateResult {
  const { tokens, token, open } = app.model.pages;
  return html`<p class="lead">${app.say('tokensWhy')}</p>
    ${token ? madeView(app, token) : nothing}
    ${open === 'token' ? formView(app) : html`<div class="actions"><button type="button" class="primary" data-opens="token" @click=${() => openForm(app, 'token')}>${icon('plus')}${app.say('addToken')}</button></div>`}
    ${tokens.length ? html`<ul class="plain lines">${tokens.map((t) => tokenView(app, t))}</ul>` : empty(app.say('tokensNone'))}
    ${token ? nothing : html`<section class="block"><h2>${app.say('recipes')}</h2><p class="faint">${app.say('recipesPlain')}</p>${recipesView(app, 'BANDO_TOKEN')}</section>`}`;
}

function tokenView(app: App, t: Token): TemplateResult {
  const title = t.title ?? app.say('tokenUntitled');
  const over = t.expires_at !== null && new Date(t.expires_at).getTime() < Date.now();
  const until = t.expires_at ? app.say('tokenUntil', { at: app.say.date(t.expires_at) }) : app.say('tokenNoEnd');
  const form = `withdraw-${t.id}`;
  return html`<li class="line">
    <div class="line-text">
      <p class="row-title">${title}${over ? html` <span class="tag bad">${app.say('tokenOver')}</span>` : nothing}</p>
      <p class="row-under">${sayScopes(app.say, t.scopes, app.model.catalogue)} · ${until}</p>
      <p class="row-under">${t.last_used ? app.say('tokenUsed', { at: app.say.time(t.last_used) }) : app.say('tokenUnused')}</p>
    </div>
    ${
      app.model.pages.open === form
        ? html`<form class="stack panel" data-form=${form} @submit=${onSubmit(() => void withdraw(app, t.id))}>
            <h2 tabindex="-1">${app.say('withdrawOf', { title })}?</h2>
            <p>${app.say('withdrawWhy')}</p>
            ${faultBelow(app)} ${formButtons(app, app.say('withdraw'), () => closeForm(app), 'danger')}
          </form>`
        : html`<button type="button" class="quiet" data-opens=${form} aria-label=${app.say('withdrawOf', { title })} @click=${() => openForm(app, form)}>${app.say('withdraw')}</button>`
    }
  </li>`;
}

function formView(app: App): TemplateResult {
  const send = (d: FormData) =>
    void addToken(app, {
      title: String(d.get('title')),
      read: d.has('read'),
      write: d.has('write'),
      layers: d.getAll('layer').map(String),
      move: d.has('move'),
      days: Number(d.get('days')),
    });
  return html`<form class="stack panel" data-form="token" novalidate @submit=${onSubmit(send)}>
    <h2 tabindex="-1">${app.say('addToken')}</h2>
    ${textField(app, { name: 'title', label: app.say('tokenTitle'), help: app.say('tokenTitleHelp') })}
    ${scopesView(app)} ${expiryView(app)} ${faultBelow(app, 'title', 'scopes', 'layers')}
    ${formButtons(app, app.say('addToken'), () => closeForm(app))}
  </form>`;
}

function scopesView(app: App): TemplateResult {
  const { scopes } = app.model.pages;
  const fault = faultAt(app, 'scopes');
  const set = (patch: Partial<typeof scopes>) => patchPages(app, { scopes: { ...app.model.pages.scopes, ...patch } });
  const check = (name: string, title: string, help: string, on: boolean, onChange?: (on: boolean) => void) =>
    html`<label class="card"><input type="checkbox" name=${name} ?checked=${on} @change=${(e: Event) => onChange?.((e.target as HTMLInputElement).checked)} />
      <span>${title}<br /><span class="faint">${help}</span></span></label>`;
  const writes = app.model.catalogue?.layers.some((l) => l.rights?.create || l.rights?.update || l.rights?.delete);
  const moves = app.model.catalogue?.layers.some((l) => l.moves.length);
  return html`<fieldset class="field" aria-describedby=${fault ? 'f-scopes-fault' : nothing}>
      <legend class="label">${app.say('tokenMay')}</legend>
      <div class="cards">
        ${check('read', app.say('scopeRead'), app.say('scopeReadHelp'), true)}
        ${writes ? check('write', app.say('scopeWrite'), app.say('scopeWriteHelp'), false, (write) => set({ write })) : nothing}
        ${moves ? check('move', app.say('scopeMove'), app.say('scopeMoveHelp'), false) : nothing}
      </div>
      ${faultLine(app, 'f-scopes', fault)}
    </fieldset>
    ${scopes.write ? whereView(app, scopes.some, (some) => set({ some })) : nothing}`;
}

function whereView(app: App, some: boolean, set: (some: boolean) => void): TemplateResult {
  const fault = faultAt(app, 'layers');
  const layers =
    app.model.catalogue?.layers.filter((l) => l.rights?.create || l.rights?.update || l.rights?.delete) ?? [];
  const radio = (value: boolean, title: string) =>
    html`<label class="card"><input type="radio" name="where" .checked=${some === value} @change=${() => set(value)} /><span>${title}</span></label>`;
  return html`<fieldset class="field" aria-describedby=${fault ? 'f-layers-fault' : nothing}>
    <legend class="label">${app.say('scopeWhere')}</legend>
    <div class="cards two">${radio(false, app.say('scopeAll'))}${radio(true, app.say('scopeSome'))}</div>
    ${some ? html`<div class="cards two layers">${layers.map((l) => html`<label class="tick"><input type="checkbox" name="layer" value=${l.id} /><span>${app.say.text(l.title)}</span></label>`)}</div>` : nothing}
    ${faultLine(app, 'f-layers', fault)}
  </fieldset>`;
}

const lifeTitles = { 30: 'expiry30', 365: 'expiryYear', 0: 'expiryNever' } as const;

function expiryView(app: App): TemplateResult {
  const { scopes } = app.model.pages;
  return html`<fieldset class="field">
    <legend class="label">${app.say('tokenExpiry')}</legend>
    <div class="cards three">
      ${lives.map((days) => html`<label class="card"><input type="radio" name="days" value=${days} ?checked=${days === 30} @change=${() => patchPages(app, { scopes: { ...app.model.pages.scopes, never: days === 0 } })} /><span>${app.say(lifeTitles[days])}</span></label>`)}
    </div>
    <div role="status">${scopes.never ? html`<p class="note">${app.say('expiryNeverWarn')}</p>` : nothing}</div>
  </fieldset>`;
}

const madeView = (app: App, token: string): TemplateResult =>
  html`<section class="panel made" aria-labelledby="token-made">
    <h2 id="token-made" tabindex="-1">${app.say('tokenMade')}</h2>
    <p class="note">${app.say('tokenOnce')}</p>
    <p class="secret"><code>${token}</code></p>
    <div class="actions">
      <button type="button" class="primary" @click=${() => void copy(app, token)}>${icon('copy')}${app.say('copyToken')}</button>
      <button type="button" class="quiet" data-kept @click=${() => {
        patchPages(app, { token: '' });
        requestAnimationFrame(() => document.querySelector<HTMLElement>('[data-opens=token]')?.focus());
      }}>${app.say('tokenKept')}</button>
    </div>
    <h3>${app.say('recipes')}</h3>
    ${recipesView(app, token)}
  </section>`;

/** What other programs are given, filled in with this server's address and the token. */
function recipesView(app: App, token: string): TemplateResult {
  const { origin } = location;
  const layer = app.layer('parcels') ? 'parcels' : (app.model.catalogue?.layers[0]?.id ?? '');
  const tiles = `${origin}/tiles/${layer}/{z}/{x}/{y}`;
  return html`<details class="recipe"><summary>${app.say('recipeQgis')}</summary>
      <p>${app.say('recipeQgisHow')}</p>
      ${pasted(app, app.say('recipeAddress'), origin)} ${pasted(app, app.say('recipeUser'), 'bando')} ${pasted(app, app.say('recipePassword'), token)}
    </details>
    <details class="recipe"><summary>${app.say('recipeTiles')}</summary>
      <p>${app.say('recipeTilesHow', { layer })}</p>
      ${pasted(app, app.say('recipeAddress'), tiles)} ${pasted(app, app.say('recipeStyle'), `${origin}/styles/${layer}`)}
    </details>
    ${commands.map(
      ({ title, command }) => html`<details class="recipe"><summary>${app.say(title)}</summary>
        ${pasted(app, app.say(title), filled(command, origin, token), true)}
      </details>`,
    )}`;
}

const pasted = (app: App, label: string, text: string, alone = false): TemplateResult =>
  html`<div class="pasted">
    ${alone ? nothing : html`<span class="faint">${label}</span>`}
    <pre tabindex="0" aria-label=${label}><code>${text}</code></pre>
    <button type="button" class="text" aria-label=${app.say('copyRecipeOf', { title: label })} @click=${() => void copy(app, text)}>${app.say('copyRecipe')}</button>
  </div>`;
