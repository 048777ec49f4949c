/** What people do to their own account: the invitation, the password, the second factor, devices, links, tokens. */
import { scopesOf } from '../state/accounts.ts';
import { minPassword, strengthOf } from '../state/password.ts';
import type { App } from './app.ts';
import { attempt, closeForm, deny, leavePage, patchPages, readPage } from './pages.ts';
import { enter } from './people.ts';
import { openPanel } from './start.ts';

/** Tells of the password that is being typed; the password itself is kept nowhere. */
export function judge(app: App, password: string, name: string): void {
  const missing = Math.max(0, minPassword - [...password].length);
  patchPages(app, { typed: password ? { strength: strengthOf(password, name), missing } : null });
}

export const join = (app: App, password: string, code: string): Promise<void> =>
  attempt(app, async () => {
    if ([...password].length < minPassword) return deny(app, 'password', 'whyPassword');
    const session = await app.accounts.join(app.model.page?.of ?? '', password, code.trim());
    leavePage(app);
    await enter(app, session, password);
    app.toast(app.say('joined', { name: session.person?.title ?? '' }));
    if (!app.model.dialog) openPanel(app, 'work');
  });

export const changePassword = (app: App, current: string, fresh: string): Promise<void> =>
  attempt(app, async () => {
    await app.accounts.changePassword(current, fresh);
    closeForm(app);
    app.toast(app.say('passwordChanged'));
    await readPage(app);
  });

export const turnOnFactor = (app: App, password: string): Promise<void> =>
  attempt(app, async () => {
    const offer = await app.accounts.offerFactor(password);
    closeForm(app);
    app.update({ dialog: { busy: false, ended: false, offer } });
  });

export const turnOffFactor = (app: App, password: string, code: string): Promise<void> =>
  attempt(app, async () => {
    await app.accounts.removeFactor(password, code.trim());
    closeForm(app);
    app.toast(app.say('factorTurnedOff'));
    await readPage(app);
  });

export const newCodes = (app: App, code: string): Promise<void> =>
  attempt(app, async () => {
    const { recovery_codes: recovery } = await app.accounts.newRecoveryCodes(code.trim());
    closeForm(app);
    app.update({ dialog: { busy: false, ended: false, recovery } });
    await readPage(app);
  });

/** Ends one session, or all but this one. */
export const endSession = (app: App, id?: string): Promise<void> =>
  attempt(app, async () => {
    await (id ? app.accounts.endSession(id) : app.accounts.endOtherSessions());
    app.toast(app.say(id ? 'sessionGone' : 'othersGone'));
    await readPage(app);
  });

export const link = (app: App): Promise<void> =>
  attempt(app, async () => {
    const { location: to } = await app.accounts.link(`${location.pathname}${location.hash}`);
    location.assign(to);
  });

export const unlink = (app: App, id: number): Promise<void> =>
  attempt(app, async () => {
    await app.accounts.unlink(id);
    closeForm(app);
    app.toast(app.say('unlinked'));
    await readPage(app);
  });

const dayMs = 24 * 60 * 60 * 1000;

/** The days that a token may live, as they are offered; 0 is for good. */
export const lives = [30, 365, 0] as const;

export interface TokenForm {
  title: string;
  read: boolean;
  write: boolean;
  layers: string[];
  move: boolean;
  days: number;
}

export const addToken = (app: App, form: TokenForm): Promise<void> =>
  attempt(app, async () => {
    const { scopes: chosen } = app.model.pages;
    const scopes = scopesOf({ ...form, layers: chosen.some ? form.layers : [] });
    if (form.write && chosen.some && !form.layers.length) return deny(app, 'layers', 'whyLayers');
    if (!scopes.length) return deny(app, 'scopes', 'whyScope');
    const expires_at = form.days ? new Date(Date.now() + form.days * dayMs).toISOString() : null;
    const { token } = await app.accounts.addToken({ title: form.title.trim(), scopes, expires_at });
    patchPages(app, { open: '', token });
    requestAnimationFrame(() => document.getElementById('token-made')?.focus());
    await readPage(app);
  });

export const withdraw = (app: App, id: number): Promise<void> =>
  attempt(app, async () => {
    await app.accounts.withdrawToken(id);
    closeForm(app);
    app.toast(app.say('withdrawn'));
    await readPage(app);
  });
