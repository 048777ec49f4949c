/** The pages of people: opening and leaving them, reading what they show, and sending their forms. */
import type { Page } from '../state/hash.ts';
import { writeAddress } from '../state/hash.ts';
import type { Problem } from '../state/types.ts';
import type { WordKey } from '../state/words.ts';
import type { App } from './app.ts';
import { readAllNames } from './features.ts';
import { noPages, type Pages } from './model-pages.ts';
import { askSignIn } from './people.ts';

export const titleKeys: Record<Page['name'], WordKey> = {
  join: 'joinTitle',
  account: 'myAccount',
  tokens: 'tokens',
  people: 'peopleTitle',
  organisations: 'organisationsTitle',
  log: 'logTitle',
};

const focusSoon = (selector: string) =>
  requestAnimationFrame(() => document.querySelector<HTMLElement>(selector)?.focus());

export const patchPages = (app: App, patch: Partial<Pages>): void =>
  app.update({ pages: { ...app.model.pages, ...patch } });

/** Opens a page over the map. The browser's own way back leads from it. */
export function openPage(app: App, page: Page, patch: Partial<Pages> = {}): void {
  const { lang, view } = app.model;
  history.pushState(null, '', writeAddress({ ...(view ? { view } : {}), page, lang }));
  show(app, page, patch);
}

export function leavePage(app: App): void {
  app.update({ page: null, pages: noPages });
  sayAgain(app);
  focusSoon('[data-panel=account]');
}

/** The address was changed by hand or by the browser's way back. */
export function followAddress(app: App, page: Page | undefined): void {
  const { page: now } = app.model;
  if (page && (page.name !== now?.name || page.of !== now.of)) show(app, page);
  else if (!page && now) leavePage(app);
}

export function show(app: App, page: Page, patch: Partial<Pages> = {}): void {
  const { accounts, roles, organisations, filter } = app.model.pages;
  // What the list has shows at once on a person's page, while it is read again.
  const kept = page.name === 'people' ? { accounts, roles, organisations, filter } : {};
  app.update({ page, panel: app.model.wide ? app.model.panel : null, pages: { ...noPages, ...kept, ...patch } });
  sayAgain(app);
  void readPage(app);
  focusSoon('#page-title');
  // On a phone the pages stand in a row that may be wider than the screen.
  requestAnimationFrame(() =>
    document.querySelector('.page-nav [aria-current=page]')?.scrollIntoView({ inline: 'center', block: 'nearest' }),
  );
}

/** The window's title tells where the reader is. */
export function sayAgain(app: App): void {
  const { page, session } = app.model;
  const where = [page ? app.say(titleKeys[page.name]) : '', app.say.text(session?.title), app.say('appName')];
  document.title = where.filter(Boolean).join(' · ');
}

/** Who may not see a page is told so by the page; nothing is asked of the server then. */
export function mayRead(app: App, { name }: Page): 'yes' | 'signIn' | 'no' {
  const person = app.model.session?.person;
  if (name === 'join') return 'yes';
  if (!person || person.second_factor_setup || person.code_awaited) return 'signIn';
  if (name === 'people' || name === 'organisations') return person.keeps_accounts ? 'yes' : 'no';
  return name !== 'log' || person.reads_account_log ? 'yes' : 'no';
}

/** Reads what the open page shows. What is being typed in it stays. */
export async function readPage(app: App): Promise<void> {
  const { page, boot } = app.model;
  if (!page || boot !== 'ready' || mayRead(app, page) !== 'yes') return;
  try {
    const read = await readers[page.name](app, page);
    if (app.model.page === page) patchPages(app, { ...read, load: 'ready', problem: null });
  } catch (error) {
    const problem = app.problem(error);
    if (app.model.page === page) patchPages(app, { load: 'failed', problem });
    if (problem.status === 401) askSignIn(app, true);
  }
}

/** The names of hamlets are a nicety: a page does without. */
const readHamlets = (app: App) => readAllNames(app, 'hamlets').catch((error) => void app.problem(error));

const readers: Record<Page['name'], (app: App, page: Page) => Promise<Partial<Pages>>> = {
  join: async (app, page) => ({ invited: await app.accounts.invited(page.of ?? '') }),
  account: async (app) => {
    const [account, sessions, identities] = await Promise.all([
      app.accounts.account(),
      app.accounts.sessions(),
      app.model.provider?.enabled ? app.accounts.identities() : [],
    ]);
    if (account.hamlet_id) await readHamlets(app);
    return { account, sessions, identities };
  },
  tokens: async (app) => ({ tokens: await app.accounts.tokens() }),
  people: async (app) => {
    const [accounts, roles, organisations] = await Promise.all([
      app.accounts.accounts(),
      app.accounts.roles(),
      app.accounts.organisations(),
      readHamlets(app),
    ]);
    return { accounts, roles, organisations };
  },
  organisations: async (app) => {
    const [organisations, accounts] = await Promise.all([app.accounts.organisations(), app.accounts.accounts()]);
    return { organisations, accounts };
  },
  log: async (app, page) => {
    const { what } = app.model.pages.log;
    const [roles, log] = await Promise.all([app.accounts.roles(), app.accounts.log(logQuery(page, what))]);
    return { roles, log: { ...log, what } };
  },
};

export const logQuery = (page: Page, what: string): Record<string, string> => ({
  ...(page.of ? { account: page.of } : {}),
  ...(what ? { what } : {}),
});

/** Opens one of the forms that open on demand, or closes it where it is open already. */
export function openForm(app: App, open: string, patch: Partial<Pages> = {}): void {
  const was = app.model.pages.open;
  patchPages(app, { open, fault: null, typed: null, plain: false, role: '', scopes: noPages.scopes, ...patch });
  focusSoon(open ? `[data-form="${open}"] :is(input:not([aria-hidden]), select, h2, h3)` : `[data-opens="${was}"]`);
  if (open)
    requestAnimationFrame(() => document.querySelector(`[data-form="${open}"]`)?.scrollIntoView({ block: 'nearest' }));
}

export const closeForm = (app: App): void => openForm(app, '');

/** A fault that is found before anything is sent. */
export function deny(app: App, field: string, why: WordKey): void {
  refuse(app, { status: 400, code: why, title: '', detail: app.say(why), field });
}

function refuse(app: App, fault: Problem): void {
  patchPages(app, { fault, sending: false });
  focusSoon('.page [aria-invalid=true], .page .trouble');
}

/** Sends the open form, once at a time. Where the session has ended, what was typed waits behind the sign-in. */
export async function attempt(app: App, work: () => Promise<void>): Promise<void> {
  if (app.model.pages.sending) return;
  patchPages(app, { sending: true, fault: null });
  try {
    await work();
    patchPages(app, { sending: false });
  } catch (error) {
    const problem = app.problem(error);
    refuse(app, problem);
    if (problem.status === 401 && problem.code !== 'second_factor_needed') askSignIn(app, true);
  }
}
