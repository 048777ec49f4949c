/** Signing in and out. Either way the reader becomes another, so everything they may see is read again. */
import type { Problem, Session } from '../state/types.ts';
import type { App } from './app.ts';
import { openFeature } from './features.ts';
import { patchPages, readPage, sayAgain } from './pages.ts';
import { readAs } from './start.ts';

export function askSignIn(app: App, ended = false): void {
  app.update({ dialog: { busy: false, ended } });
}

export async function signIn(app: App, name: string, password: string, code: string): Promise<void> {
  const { ended, code: asked } = { code: false, ...app.model.dialog, ended: app.model.dialog?.ended ?? false };
  app.update({ dialog: { busy: true, ended, code: asked } });
  try {
    await enter(app, await app.accounts.signIn(name.trim(), password, code.trim()), password);
  } catch (error) {
    const problem = app.problem(error);
    const needed = problem.code === 'second_factor_needed';
    app.update({
      dialog: { busy: false, ended, code: asked || needed, ...(needed && !asked ? {} : { problem }) },
    });
  }
}

/** Whoever has proved to be somebody comes in; a role that needs a second factor sets it up first. */
export async function enter(app: App, session: Session, password: string): Promise<void> {
  app.client.csrf = session.csrf;
  if (session.person?.second_factor_setup) {
    const offer = await app.accounts.offerFactor(password);
    app.update({ dialog: { busy: false, ended: false, offer }, session });
    return;
  }
  app.update({ dialog: null, session });
  await changed(app);
}

/** The code that a session awaits which the province's sign-in has opened. */
export async function giveCode(app: App, code: string): Promise<void> {
  app.update({ dialog: { busy: true, ended: false, awaited: true } });
  try {
    await enter(app, await app.accounts.finishSignIn(code.trim()), '');
  } catch (error) {
    app.update({ dialog: { busy: false, ended: false, awaited: true, problem: app.problem(error) } });
  }
}

/** The first code of the app that was given the secret; what comes back opens the account when the phone is lost. */
export async function confirmFactor(app: App, code: string): Promise<void> {
  const offer = app.model.dialog?.offer;
  if (!offer) return;
  app.update({ dialog: { busy: true, ended: false, offer } });
  try {
    const { recovery_codes: recovery } = await app.accounts.confirmFactor(code.trim());
    app.update({ dialog: { busy: false, ended: false, recovery }, session: await app.server.session() });
    await changed(app);
  } catch (error) {
    app.update({ dialog: { busy: false, ended: false, offer, problem: app.problem(error) } });
  }
}

export async function signOut(app: App): Promise<void> {
  try {
    await app.accounts.signOut();
    app.update({ detail: null, trail: [], work: {}, page: null });
    await changed(app);
  } catch (error) {
    app.toast(app.explain(app.problem(error)));
  }
}

/** The connection was lost and is back: perhaps because the server let the reader go. Then the page says so. */
export async function stillThere(app: App): Promise<void> {
  const { person } = app.model.session ?? {};
  if (!person) return;
  try {
    const session = await app.server.session();
    if (session.person || app.model.session?.person !== person) return;
    app.update({ session, work: {} });
    app.client.csrf = session.csrf;
    app.update({ dialog: { busy: false, ended: true, out: true } });
    await changed(app);
  } catch (error) {
    app.problem(error); // the next return of the connection asks again
  }
}

/** What the province's sign-in has left in the address is said and cleaned away. */
export async function arrive(app: App): Promise<void> {
  const fault = new URLSearchParams(location.search).get('signin');
  if (fault) history.replaceState(null, '', location.pathname + location.hash);
  try {
    app.update({ provider: await app.accounts.provider() });
  } catch (error) {
    app.problem(error); // a server without such a sign-in
  }
  const detail = app.say.text(fault ? app.model.provider?.faults[fault] : undefined);
  const { person } = app.model.session ?? {};
  if (fault && person && app.model.page) patchPages(app, { fault: { ...told, detail } });
  else if (fault) app.update({ dialog: { busy: false, ended: false, problem: { ...told, detail } } });
  else if (person?.code_awaited) app.update({ dialog: { busy: false, ended: false, awaited: true } });
}

const told: Problem = { status: 502, code: 'sign_in_elsewhere', title: '', detail: '' };

async function changed(app: App): Promise<void> {
  await readAs(app);
  const { detail, page } = app.model;
  if (detail?.kind === 'feature') await openFeature(app, detail.ref);
  if (page) await readPage(app);
  sayAgain(app);
}
