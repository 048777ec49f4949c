/** What the pages of people show, as one plain value. */
import { everybody, type PeopleFilter } from '../state/accounts.ts';
import type { Strength } from '../state/password.ts';
import type { Problem } from '../state/types.ts';
import type {
  Account,
  Identity,
  InvitationLink,
  Invited,
  LogEntry,
  OpenSession,
  Organisation,
  OwnAccount,
  Role,
  Token,
} from '../state/types-account.ts';
import type { Load } from './model.ts';

export interface Pages {
  load: Load;
  problem: Problem | null;
  account: OwnAccount | null;
  sessions: OpenSession[];
  identities: Identity[];
  tokens: Token[];
  roles: Role[];
  accounts: Account[];
  organisations: Organisation[];
  log: { entries: LogEntry[]; more: boolean; what: string };
  invited: Invited | null;
  filter: PeopleFilter;
  /** The form that is open, of those that open on demand. */
  open: string;
  sending: boolean;
  /** Why the open form was not kept. */
  fault: Problem | null;
  /** What is told of the password that is being typed. */
  typed: { strength: Strength; missing: number } | null;
  plain: boolean;
  /** The role that is chosen in the open form decides what else it asks. */
  role: string;
  /** What the token in the making may do. */
  scopes: { write: boolean; some: boolean; never: boolean };
  /** What is shown once. */
  token: string;
  invitation: (InvitationLink & { to: string }) | null;
}

export const noPages: Pages = {
  load: 'loading',
  problem: null,
  account: null,
  sessions: [],
  identities: [],
  tokens: [],
  roles: [],
  accounts: [],
  organisations: [],
  log: { entries: [], more: false, what: '' },
  invited: null,
  filter: everybody,
  open: '',
  sending: false,
  fault: null,
  typed: null,
  plain: false,
  role: '',
  scopes: { write: false, some: false, never: false },
  token: '',
  invitation: null,
};
