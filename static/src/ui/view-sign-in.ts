/** The dialogs of signing in: name and password, a code, the set-up of a second factor, and the codes that are shown once. */
import { html, nothing, type TemplateResult } from 'lit';
import type { App } from './app.ts';
import { copy } from './copy.ts';
import { icon } from './icons.ts';
import type { SignIn } from './model.ts';
import { closeButton, trouble } from './parts.ts';
import { confirmFactor, giveCode, signIn, signOut } from './people.ts';

export function dialogView(app: App): TemplateResult {
  const { dialog } = app.model;
  if (dialog?.recovery) return recoveryView(app, dialog.recovery);
  if (dialog?.offer) return factorView(app, dialog);
  if (dialog?.awaited) return awaitedView(app, dialog);
  return signInView(app, dialog);
}

const close = (app: App) => () => app.update({ dialog: null });

const frame = (
  app: App,
  title: string,
  onSubmit: (data: FormData) => void,
  body: unknown,
  onClose = close(app),
): TemplateResult =>
  html`<dialog class="dialog" aria-labelledby="dialog-title" @close=${onClose}>
    <form @submit=${(e: Event) => {
      e.preventDefault();
      onSubmit(new FormData(e.target as HTMLFormElement));
    }}>
      <header class="sheet-head">
        <h2 id="dialog-title">${title}</h2>
        ${closeButton(app, onClose)}
      </header>
      ${body}
    </form>
  </dialog>`;

function signInView(app: App, dialog: SignIn | null): TemplateResult {
  const text = (data: FormData, name: string) => String(data.get(name) ?? '');
  const why = dialog?.out ? 'outWhy' : dialog?.ended ? 'sessionEnded' : 'signInWhy';
  return frame(
    app,
    app.say(dialog?.out ? 'outTitle' : 'signIn'),
    (data) => void signIn(app, text(data, 'name'), text(data, 'password'), text(data, 'code')),
    html`<p class="faint">${app.say(why)}</p>
      <div class="field"><label class="label" for="name">${app.say('userName')}</label><input id="name" name="name" autocomplete="username" autocapitalize="none" spellcheck="false" required /></div>
      <div class="field"><label class="label" for="password">${app.say('password')}</label><input id="password" name="password" type="password" autocomplete="current-password" required /></div>
      ${dialog?.code ? html`<p class="faint">${app.say('codeWhy')}</p>${codeField(app)}` : nothing}
      ${dialog?.problem ? trouble(app, dialog.problem) : nothing}
      <button type="submit" class="primary wide" ?disabled=${dialog?.busy}>${app.say('signIn')}</button>
      ${providerView(app)}`,
  );
}

/** The way in that the province keeps; whoever comes back lands where they were. */
function providerView(app: App): TemplateResult | typeof nothing {
  const { provider } = app.model;
  if (!provider?.enabled) return nothing;
  const back = new URLSearchParams({ return: `${location.pathname}${location.hash}` });
  return html`<p class="or">${app.say('orProvider')}</p>
    <a class="quiet wide" href="/api/oidc/start?${back}">${app.say('signInBy', { title: app.say.text(provider.title) })}</a>`;
}

const codeField = (app: App): TemplateResult =>
  html`<div class="field"><label class="label" for="code">${app.say('code')}</label><input id="code" name="code" autocomplete="one-time-code" autocapitalize="characters" spellcheck="false" required /></div>`;

/** A session that the province's sign-in has opened still lacks the account's own code. */
const awaitedView = (app: App, dialog: SignIn): TemplateResult =>
  frame(
    app,
    app.say('codeTitle'),
    (data) => void giveCode(app, String(data.get('code'))),
    html`<p>${app.say('codeAwaited')}</p>
      <p class="faint">${app.say('codeWhy')}</p>
      ${codeField(app)} ${dialog.problem ? trouble(app, dialog.problem) : nothing}
      <button type="submit" class="primary wide" ?disabled=${dialog.busy}>${app.say('factorConfirm')}</button>`,
    () => {
      app.update({ dialog: null });
      if (app.model.session?.person?.code_awaited) void signOut(app);
    },
  );

/** Setting up the second factor. */
const factorView = (app: App, dialog: SignIn): TemplateResult =>
  frame(
    app,
    app.say('factorTitle'),
    (data) => void confirmFactor(app, String(data.get('code'))),
    html`<p>${app.model.session?.person?.second_factor_setup ? app.say('factorMust') : nothing} ${app.say('factorWhy')}</p>
      <img class="qr" src=${dialog.offer?.qr ?? ''} alt=${app.say('factorQr')} width="200" height="200" />
      <p class="faint">${app.say('factorSecret')} <code>${dialog.offer?.secret}</code></p>
      ${codeField(app)} ${dialog.problem ? trouble(app, dialog.problem) : nothing}
      <button type="submit" class="primary wide" ?disabled=${dialog.busy}>${app.say('factorConfirm')}</button>`,
  );

/** The codes for the day when the phone is lost; they are not shown again. */
function recoveryView(app: App, codes: string[]): TemplateResult {
  const { session } = app.model;
  const of = app.say('codesOf', { name: session?.person?.name ?? '', map: app.say.text(session?.title) });
  return frame(
    app,
    app.say('recoveryTitle'),
    close(app),
    html`<p>${app.say('recoveryWhy')}</p>
      <div class="for-paper"><p class="faint">${of}</p><ol class="codes">${codes.map((code) => html`<li><code>${code}</code></li>`)}</ol></div>
      <div class="actions">
        <button type="button" class="quiet" @click=${() => void copy(app, [of, ...codes].join('\n'))}>${icon('copy')}${app.say('copyCodes')}</button>
        <button type="button" class="quiet" @click=${() => print()}>${icon('print')}${app.say('print')}</button>
      </div>
      <button type="submit" class="primary wide">${app.say('recoveryKept')}</button>`,
  );
}
