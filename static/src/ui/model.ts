/** Everything the page shows, as one plain value. */
import type { LiveState } from '../api/events.ts';
import type { Draft } from '../edit/draft.ts';
import type { Intent } from '../edit/intent.ts';
import type { Settlement } from '../edit/settle.ts';
import type { Found } from '../map/map.ts';
import type { Page, View } from '../state/hash.ts';
import type {
  Board,
  Catalogue,
  FactorOffer,
  Feature,
  HistoryEntry,
  Hit,
  Lang,
  OfferedMove,
  Place,
  Problem,
  Ref,
  Session,
} from '../state/types.ts';
import type { Provider } from '../state/types-account.ts';
import type { HistoryDetail, News } from './model-history.ts';
import type { Pages } from './model-pages.ts';

export type PanelName = 'layers' | 'search' | 'progress' | 'news' | 'work' | 'account';

/** How far a piece of content has come. */
export type Load = 'loading' | 'ready' | 'failed';

export interface FeatureDetail {
  kind: 'feature';
  ref: Ref;
  load: Load;
  feature?: Feature;
  history: HistoryEntry[];
  historyLoad?: Load;
  moves: OfferedMove[];
  problem?: Problem;
  wholeHistory?: boolean;
  /** Somebody changed it while it was open. */
  renewed?: boolean;
  /** What was just saved here went together with somebody else's change. */
  merged?: Settlement;
}

export interface ListDetail {
  kind: 'list';
  layer: string;
  load: Load;
  features: Feature[];
  total?: number;
  next?: string;
  query: Record<string, string>;
  title?: string;
}

export interface FormDetail {
  kind: 'form';
  draft: Draft;
  /** A point is being put on the map: the form steps aside for it. */
  placing: boolean;
  /** Faults are shown from the first try to send on. */
  tried: boolean;
  sending: boolean;
  problem?: Problem;
  conflict?: 'kept' | 'gone' | 'deleted';
  /** The change as it was last sent, so that it goes under the same key again. */
  intent?: Intent;
  /** The number of the try that is under way, from the second on. */
  again?: number;
  /** The form steps aside, so that two shapes can be compared on the map. */
  peeking?: boolean;
  /** Somebody was faster: how the changes of both go together. */
  settlement?: Settlement;
}

export type Detail =
  | { kind: 'here'; at: Place; found: Found[] }
  | FeatureDetail
  | ListDetail
  | FormDetail
  | HistoryDetail;

export interface TaskRows {
  load: Load;
  features: Feature[];
  total: number;
}

export interface Model {
  lang: Lang;
  wide: boolean;
  webgl: boolean;
  boot: Load;
  bootProblem?: Problem | undefined;
  session: Session | null;
  catalogue: Catalogue | null;
  shown: Record<string, boolean>;
  opacity: Record<string, number>;
  unfolded: Record<string, boolean>;
  view: View | null;
  panel: PanelName | null;
  detail: Detail | null;
  trail: Detail[];
  query: string;
  hits: Hit[] | null;
  hitLoad: Load;
  hitAt: number;
  recent: Hit[];
  board: Board | null;
  boardLoad: Load;
  openTargets: Record<string, boolean>;
  work: Record<string, TaskRows>;
  /** Names of features that others refer to, by "layer/id". */
  names: Record<string, string>;
  live: LiveState;
  news: News;
  /** The moment (RFC 3339, UTC) that is looked at; null is now. */
  past: string | null;
  dialog: SignIn | null;
  /** The page of people that covers the map, and what such pages show. */
  page: Page | null;
  pages: Pages;
  /** The province's sign-in, where there is one. */
  provider: Provider | null;
  toast: string;
}

/** The dialog of signing in: name and password, then a code where the account has a second factor, or its set-up. */
export interface SignIn {
  problem?: Problem;
  busy: boolean;
  ended: boolean;
  /** The server let the person go while the page was open. */
  out?: boolean;
  /** The province has let the person in; the account's own code is asked for. */
  awaited?: boolean;
  /** A code is asked for beside the password. */
  code?: boolean;
  /** What the app that shows codes is given, where a second factor is to be set up. */
  offer?: FactorOffer;
  /** The codes for the day when the phone is lost; shown once. */
  recovery?: string[];
}
