/** Signing in and out. Either way the reader becomes another, so everything they may see is read again. */
import type { App } from './app.ts';
import { openFeature } from './features.ts';
import { readAs } from './start.ts';

export function askSignIn(app: App, ended = false): void {
  app.update({ dialog: { busy: false, ended } });
}

export async function signIn(app: App, name: string, password: string, code: string): Promise<void> {
  const { ended, code: asked } = { code: false, ...app.model.dialog, ended: app.model.dialog?.ended ?? false };
  app.update({ dialog: { busy: true, ended, code: asked } });
  try {
    const session = await app.server.signIn(name.trim(), password, code.trim());
    app.client.csrf = session.csrf;
    if (session.person?.second_factor_setup) {
      const offer = await app.server.offerFactor(password);
      app.update({ dialog: { busy: false, ended: false, offer }, session });
      return;
    }
    app.update({ dialog: null, session });
    await changed(app);
  } catch (error) {
    const problem = app.problem(error);
    const needed = problem.code === 'second_factor_needed';
    app.update({
      dialog: { busy: false, ended, code: asked || needed, ...(needed && !asked ? {} : { problem }) },
    });
  }
}

/** The first code of the app that was given the secret; what comes back opens the account when the phone is lost. */
export async function confirmFactor(app: App, code: string): Promise<void> {
  const offer = app.model.dialog?.offer;
  if (!offer) return;
  app.update({ dialog: { busy: true, ended: false, offer } });
  try {
    const { recovery_codes: recovery } = await app.server.confirmFactor(code.trim());
    app.update({ dialog: { busy: false, ended: false, recovery }, session: await app.server.session() });
    await changed(app);
  } catch (error) {
    app.update({ dialog: { busy: false, ended: false, offer, problem: app.problem(error) } });
  }
}

export async function signOut(app: App): Promise<void> {
  try {
    await app.server.signOut();
    app.update({ detail: null, trail: [], work: {} });
    await changed(app);
  } catch (error) {
    app.toast(app.explain(app.problem(error)));
  }
}

async function changed(app: App): Promise<void> {
  await readAs(app);
  const { detail } = app.model;
  if (detail?.kind === 'feature') await openFeature(app, detail.ref);
}
