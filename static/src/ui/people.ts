/** Signing in and out. Either way the reader becomes another, so everything they may see is read again. */
import type { App } from './app.ts';
import { openFeature } from './features.ts';
import { readAs } from './start.ts';

export function askSignIn(app: App, ended = false): void {
  app.update({ dialog: { busy: false, ended } });
}

export async function signIn(app: App, name: string, password: string): Promise<void> {
  const ended = app.model.dialog?.ended ?? false;
  app.update({ dialog: { busy: true, ended } });
  try {
    const session = await app.server.signIn(name.trim(), password);
    app.client.csrf = session.csrf;
    app.update({ dialog: null, session });
    await changed(app);
  } catch (error) {
    app.update({ dialog: { busy: false, ended, problem: app.problem(error) } });
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
