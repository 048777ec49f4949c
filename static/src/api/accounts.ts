/** The server's operations on accounts by name: one's own, everybody's, organisations, invitations. */
import type { FactorOffer, Session } from '../state/types.ts';
import type {
  Account,
  AccountWish,
  Identity,
  InvitationLink,
  Invited,
  LogEntry,
  OpenSession,
  Organisation,
  OwnAccount,
  Provider,
  Role,
  Token,
  TokenWish,
} from '../state/types-account.ts';
import type { Client } from './client.ts';

const own = '/api/account';

export const accounts = (client: Client) => {
  const put = <T>(path: string, body: unknown) => client.ask<T>(path, { method: 'PUT', body });
  const post = <T>(path: string, body?: unknown) => client.ask<T>(path, { method: 'POST', body });
  const patch = <T>(path: string, body: unknown) => client.ask<T>(path, { method: 'PATCH', body });
  const remove = (path: string, body?: unknown) => client.ask<null>(path, { method: 'DELETE', body });
  return {
    signIn: (name: string, password: string, code: string) => post<Session>('/api/session', { name, password, code }),
    signOut: () => client.ask<Session | null>('/api/session', { method: 'DELETE' }),
    /** The code that a session awaits which the province's sign-in has opened. */
    finishSignIn: (code: string) => post<Session>('/api/session/code', { code }),
    provider: () => client.get<Provider>('/api/oidc'),

    invited: (code: string) => post<Invited>('/api/invitation', { code }),
    join: (code: string, password: string, second_code: string) =>
      put<Session>('/api/invitation', { code, password, second_code }),

    account: () => client.get<OwnAccount>(own),
    changePassword: (current: string, fresh: string) => put<null>(`${own}/password`, { current, new: fresh }),
    offerFactor: (password: string) => post<FactorOffer>(`${own}/second-factor`, { password }),
    confirmFactor: (code: string) => put<{ recovery_codes: string[] }>(`${own}/second-factor`, { code }),
    removeFactor: (password: string, code: string) => remove(`${own}/second-factor`, { password, code }),
    newRecoveryCodes: (code: string) => post<{ recovery_codes: string[] }>(`${own}/recovery-codes`, { code }),
    sessions: async () => (await client.get<{ sessions: OpenSession[] }>(`${own}/sessions`)).sessions,
    endSession: (id: string) => remove(`${own}/sessions/${id}`),
    endOtherSessions: () => remove(`${own}/sessions`),
    identities: async () => (await client.get<{ identities: Identity[] }>(`${own}/identities`)).identities,
    unlink: (id: number) => remove(`${own}/identities/${id}`),
    /** Where the browser goes to link the account, to come back to the page that it was on. */
    link: (back: string) => post<{ location: string }>(`/api/oidc/link?${new URLSearchParams({ return: back })}`),
    tokens: async () => (await client.get<{ tokens: Token[] }>(`${own}/tokens`)).tokens,
    addToken: (wish: TokenWish) => post<{ token: string }>(`${own}/tokens`, wish),
    withdrawToken: (id: number) => remove(`${own}/tokens/${id}`),

    roles: async () => (await client.get<{ roles: Role[] }>('/api/roles')).roles,
    accounts: async () => (await client.get<{ accounts: Account[] }>('/api/accounts')).accounts,
    addAccount: (wish: AccountWish & { name: string }) => post<Account>('/api/accounts', wish),
    changeAccount: (id: number, change: Partial<AccountWish> & { disabled?: boolean }) =>
      patch<Account>(`/api/accounts/${id}`, change),
    forget: (id: number, reason: string) => remove(`/api/accounts/${id}`, { reason }),
    invite: (id: number) => post<InvitationLink>(`/api/accounts/${id}/invitation`),
    reset: (id: number) => post<InvitationLink>(`/api/accounts/${id}/reset`),
    log: (query: Record<string, string>) =>
      client.get<{ entries: LogEntry[]; more: boolean }>(`/api/accounts/log?${new URLSearchParams(query)}`),
    organisations: async () =>
      (await client.get<{ organisations: Organisation[] }>('/api/organisations')).organisations,
    addOrganisation: (wish: Organisation) => post<Organisation>('/api/organisations', wish),
    changeOrganisation: (code: string, change: { title: string; operator: string | null }) =>
      patch<Organisation>(`/api/organisations/${encodeURIComponent(code)}`, change),
  };
};

export type Accounts = ReturnType<typeof accounts>;
