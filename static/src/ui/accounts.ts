/** What administrators do to accounts and organisations, and reading the account log. */
import type { Account, AccountWish, Organisation, OrganisationKind, Role } from '../state/types-account.ts';
import type { App } from './app.ts';
import { attempt, closeForm, deny, logQuery, openPage, patchPages, readPage } from './pages.ts';

/** What a form asks of a person: only what the role goes with counts. */
export function wishOf(app: App, data: FormData): AccountWish {
  const text = (name: string) => String(data.get(name) ?? '').trim();
  const role = roleOf(app, text('role'));
  return {
    title: text('title').normalize('NFC'),
    role: text('role'),
    operator: role?.needs_operator ? text('operator') : '',
    hamlet_id: role?.has_hamlet ? Number(text('hamlet_id')) : 0,
    organisation: text('organisation'),
  };
}

export const roleOf = (app: App, id: string): Role | undefined => app.model.pages.roles.find((r) => r.role === id);

/** Says what a wish lacks for its role, and whether it does. */
function lacks(app: App, wish: AccountWish): boolean {
  const role = roleOf(app, wish.role);
  if (!role) deny(app, 'role', 'whyRole');
  else if (role.needs_operator && !wish.operator) deny(app, 'operator', 'whyOperator');
  else if (role.has_hamlet && !wish.hamlet_id) deny(app, 'hamlet_id', 'whyHamlet');
  else return false;
  return true;
}

/** Adds a person, and draws the invitation that opens the account. */
export const addPerson = (app: App, name: string, wish: AccountWish): Promise<void> =>
  attempt(app, async () => {
    if (lacks(app, wish)) return;
    const added = await app.accounts.addAccount({ name: name.trim().normalize('NFC'), ...wish });
    // The person's page shows at once, and with it the link that is drawn next.
    patchPages(app, { accounts: [...app.model.pages.accounts, added], sending: false });
    openPage(app, { name: 'people', of: String(added.id) });
    app.toast(app.say('personAdded', { name: added.title ?? added.name }));
    await invite(app, added.id, added.title ?? added.name);
  });

export const changePerson = (app: App, id: number, wish: AccountWish): Promise<void> =>
  attempt(app, async () => {
    if (lacks(app, wish)) return;
    await app.accounts.changeAccount(id, wish);
    closeForm(app);
    app.toast(app.say('personChanged'));
    await readPage(app);
  });

export const invite = (app: App, id: number, to: string): Promise<void> =>
  attempt(app, async () => showLink(app, { ...(await app.accounts.invite(id)), to }));

/** Takes an account back from whoever may have it. */
export const reset = (app: App, id: number, to: string): Promise<void> =>
  attempt(app, async () => {
    showLink(app, { ...(await app.accounts.reset(id)), to });
    await readPage(app);
  });

function showLink(app: App, invitation: NonNullable<App['model']['pages']['invitation']>): void {
  patchPages(app, { open: '', invitation });
  requestAnimationFrame(() => document.getElementById('invitation')?.focus());
}

export const setDisabled = (app: App, id: number, to: string, disabled: boolean): Promise<void> =>
  attempt(app, async () => {
    await app.accounts.changeAccount(id, { disabled });
    closeForm(app);
    app.toast(app.say(disabled ? 'disabledNow' : 'enabledNow', { name: to }));
    await readPage(app);
  });

/** Deletes what is kept of a person; the sign-in name is typed again, as there is no way back. */
export const forget = (app: App, a: Account, typed: string, reason: string): Promise<void> =>
  attempt(app, async () => {
    if (!reason.trim()) return deny(app, 'reason', 'whyReason');
    if (typed.trim().toLowerCase() !== a.name) return deny(app, 'typed', 'whyForgetType');
    await app.accounts.forget(a.id, reason.trim().normalize('NFC'));
    closeForm(app);
    app.toast(app.say('forgottenNow', { name: a.name }));
    await readPage(app);
  });

/** Adds an organisation, or changes the one of that code. */
export const keepOrganisation = (app: App, data: FormData, before?: Organisation): Promise<void> =>
  attempt(app, async () => {
    const text = (name: string) => String(data.get(name) ?? '').trim();
    const kind = (before?.kind ?? text('kind')) as OrganisationKind;
    const operator = kind === 'operator' ? text('operator') : null;
    if (!before && !/^[a-z0-9]([a-z0-9_-]{0,38}[a-z0-9])?$/.test(text('code'))) return deny(app, 'code', 'whyCode');
    if (!text('title')) return deny(app, 'title', 'whyMissing');
    if (kind === 'operator' && !operator) return deny(app, 'operator', 'whyOperator');
    if (before) await app.accounts.changeOrganisation(before.code, { title: text('title'), operator });
    else await app.accounts.addOrganisation({ code: text('code'), title: text('title'), kind, operator });
    closeForm(app);
    app.toast(app.say('organisationSaved'));
    await readPage(app);
  });

/** Reads the log of one account and one kind of act; empty for all. */
export function logOf(app: App, account: string, what: string): void {
  const { page, pages } = app.model;
  const of = account.trim().toLowerCase();
  if ((page?.of ?? '') === of) {
    patchPages(app, { log: { ...pages.log, what } });
    void readPage(app);
  } else openPage(app, { name: 'log', ...(of ? { of } : {}) }, { log: { entries: [], more: false, what } });
}

export const olderLog = (app: App): Promise<void> =>
  attempt(app, async () => {
    const { page, pages } = app.model;
    const last = pages.log.entries.at(-1);
    if (page?.name !== 'log' || !last) return;
    const older = await app.accounts.log({ ...logQuery(page, pages.log.what), before: String(last.id) });
    patchPages(app, {
      log: { ...pages.log, entries: [...pages.log.entries, ...older.entries], more: older.more },
    });
  });
