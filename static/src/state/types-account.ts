/** The words of the server's answers about accounts, as its JSON spells them. */
import type { Text } from './types.ts';

/** A role that an account can have, and what goes with it. */
export interface Role {
  role: string;
  title: Text;
  needs_operator: boolean;
  has_hamlet: boolean;
  second_factor: boolean;
}

export interface OwnAccount {
  id: number;
  name: string;
  title: string | null;
  role: string;
  role_title: Text;
  organisation: string | null;
  organisation_title: string;
  operator: string | null;
  hamlet_id: number | null;
  second_factor: { enabled: boolean; required: boolean; recovery_codes_left: number };
}

export interface OpenSession {
  id: string;
  /** The browser, as it calls itself. */
  agent: string | null;
  created_at: string;
  last_seen: string;
  expires_at: string;
  current: boolean;
}

/** Who a provider of sign-ins says that the account's owner is. */
export interface Identity {
  id: number;
  issuer: string;
  subject: string;
  linked_at: string;
  last_at: string | null;
}

export interface Token {
  id: number;
  title: string | null;
  scopes: string[];
  created_at: string;
  expires_at: string | null;
  last_used: string | null;
}

export interface TokenWish {
  title: string;
  scopes: string[];
  expires_at: string | null;
}

export interface Account {
  id: number;
  name: string;
  title: string | null;
  role: string;
  role_title: Text;
  operator: string | null;
  hamlet_id: number | null;
  organisation: string | null;
  demo: boolean;
  /** False until an invitation was followed. */
  has_password: boolean;
  second_factor: boolean;
  disabled: boolean;
  disabled_at: string | null;
  created_at: string;
}

export interface AccountWish {
  title: string;
  role: string;
  operator: string;
  hamlet_id: number;
  organisation: string;
}

export type OrganisationKind = 'commune' | 'operator' | 'province' | 'other';

export interface Organisation {
  code: string;
  title: string;
  kind: OrganisationKind;
  operator: string | null;
}

/** Opens an account once; shown once. */
export interface InvitationLink {
  link: string;
  /** The link as a picture: a data: address. */
  qr: string;
  expires_at: string;
}

/** Whom an invitation is to. */
export interface Invited {
  name: string;
  title: string | null;
  role: string;
  role_title: Text;
  /** Following it takes a code. */
  second_factor: boolean;
}

/** One line of the account log. */
export interface LogEntry {
  id: number;
  at: string;
  who: string;
  what: string;
  whom: string | null;
  address: string | null;
  detail: Record<string, unknown>;
}

/** The province's sign-in, where there is one, and the sentences of what it may end with. */
export interface Provider {
  enabled: boolean;
  title: Text;
  faults: Record<string, Text>;
}
