import type { KubeObject, ObjectMeta } from '../../types/objects.ts';
import type { FieldError } from '../machinery/field-errors.ts';
import type { Fields } from '../machinery/managed-fields/fields.ts';
import type { UserInfo } from '../request.ts';

/** What a strategy may know of the world: time and the rest of the cluster, read only. */
export interface StrategyContext {
  /** Cluster time, ms. */
  now(): number;
  /** Who makes the request. */
  user?: UserInfo;
  get(resource: string, namespace: string, name: string): KubeObject | undefined;
  list(resource: string, namespace?: string): KubeObject[];
  /** Hands out cluster IPs and node ports. */
  allocate: Allocator;
  /** Tells the client of something before the warnings of the strategy. */
  warn?(text: string): void;
}

/** Hands out a free one, or the one wanted; throws an Error with Go's words (`provided IP is already allocated`). */
export interface Allocator {
  /** The families of cluster IPs, the default first. */
  readonly families: readonly string[];
  clusterIP(family: string, wanted?: string): string;
  nodePort(wanted?: number): number;
  /** After a service was written, or removed: what it holds now, instead of what `old` held. */
  record(service: KubeObject | undefined, old: KubeObject | undefined): void;
}

/** What a table shows in a cell. */
export type Cell = string | number | boolean | null;

/** A column of a server-side table; names, types and descriptions are those of pkg/printers/internalversion. */
export interface Column<T> {
  name: string;
  type: 'string' | 'integer' | 'number' | 'boolean' | 'date';
  format?: string;
  description: string;
  /** 0 is always shown, 1 with -o wide. */
  priority: number;
  /** `now` is cluster time, ms. */
  cell(object: T, now: number): Cell;
}

/** metav1.TableRowCondition */
export interface RowCondition {
  type: 'Completed';
  status: 'True';
  reason: string;
  message: string;
}

/**
 * What reading objects of one kind needs, kept apart from the strategy so that a `get` never loads validation.
 * `cells` gives a column's cell by its name (the definitions are data: fixtures/api/columns.json); Name, Age and
 * Created At need no line.
 */
export interface KindView<T extends KubeObject = KubeObject> {
  cells?: Record<string, (object: T, now: number) => Cell>;
  /** Field selectors beyond metadata.name and metadata.namespace: path → value. */
  selectableFields?: Record<string, (object: T) => string>;
  rowConditions?(object: T): RowCondition[] | undefined;
  /** Annotations that are fields of the internal object: tables and partial metadata do not show them. */
  fieldAnnotations?: string[];
}

/**
 * A question that an update is asked: what no update may change in metadata (ValidateObjectMetaUpdate), what a new object is
 * asked, the same without its metadata, and what this kind may not change.
 */
export type UpdateCheck = 'metadata' | 'object' | 'spec' | 'changes';

/**
 * What the API server does with objects of one kind, as the real one's strategy, defaults, validation and printer do.
 * Methods that take a draft change it in place: it is a private copy. Everything is optional: a kind without a folder
 * gets its names, verbs and strict fields from the schema, and the default columns Name and Age.
 */
export interface KindStrategy<T extends KubeObject = KubeObject> {
  /** `pods`, `deployments.apps` */
  resource: string;
  /** SetDefaults_*: fills in what the client left out. */
  setDefaults?(draft: T): void;
  /** Before a create is validated: clears status, sets generation, hashes. `metadata.uid` is already set. */
  prepareForCreate?(draft: T, context: StrategyContext): void;
  /** Before an update is validated: keeps status and immutable server fields, bumps generation. */
  prepareForUpdate?(draft: T, old: T, context: StrategyContext): void;
  /** Before an update of the status subresource: keeps everything but status (the default does that). */
  prepareForStatusUpdate?(draft: T, old: T, context: StrategyContext): void;
  /** Before an update of another subresource, by its name: what the server says of itself. */
  prepareForSubresource?: Record<string, (draft: T, old: T, context: StrategyContext) => void>;
  /** In the real order, with the real paths: answered as one Invalid status. `old` is there on updates. */
  validate?(object: T, context: StrategyContext, old?: T): FieldError[];
  /** The group of the internal type, where it is not the resource's: errors name it. */
  internalGroup?: string;
  /** Runs after `validate` on creates. */
  validateCreate?(object: T, context: StrategyContext): FieldError[];
  /** What an update must not change; when it is asked, `updateChecks` says. */
  validateUpdate?(object: T, old: T, context: StrategyContext): FieldError[];
  validateStatusUpdate?(object: T, old: T, context: StrategyContext): FieldError[];
  /** The same for other subresources that are views of the object, by name: `resize`. Runs after `validate`. */
  validateSubresource?: Record<string, (object: T, old: T, context: StrategyContext) => FieldError[]>;
  /** `validate` without the metadata, for the updates that ask for that. */
  validateSpec?(object: T, context: StrategyContext, old?: T): FieldError[];
  /** Whether finalizers without a domain must be Kubernetes' own. */
  ownFinalizers?: boolean;
  /** What an update of the object is asked, in order; DEFAULT_CHECKS unless said. Each error is a cause as often as it is found. */
  updateChecks?: readonly UpdateCheck[];
  /** The same for updates of subresources, by name: `changes` are then those of the subresource. */
  subresourceChecks?: Record<string, readonly UpdateCheck[]>;
  /** Metadata that an update of the status leaves as it was. */
  statusKeeps?: readonly (keyof ObjectMeta)[];
  /** Fields that updates through a subresource (empty: of the object) say in vain: nobody comes to own them (GetResetFields). */
  resetFields?: Record<string, Fields>;
  /**
   * Before anything else is prepared or judged: hands out what only one object may hold, into the draft (what the real one's
   * BeginCreate and BeginUpdate do). Its errors are answered as one Invalid status.
   */
  allocate?(draft: T, old: T | undefined, context: StrategyContext): FieldError[];
  /** Warnings that the client sees: deprecated fields, duplicate names. */
  warnings?(object: T, old?: T): string[];
  /** The same for updates of subresources, by name. */
  warningsForSubresource?: Record<string, (object: T) => string[]>;
  /** Seconds of grace of a delete that asks for `requested`, or does not say; 0 and absent: at once. */
  gracePeriodSeconds?(object: T, requested?: number): number;
  /** A PUT to a name that nobody has creates the object (AllowCreateOnUpdate). */
  createsOnUpdate?: boolean;
  /** A generateName is the whole name: nothing is added to it. */
  generatesNothing?: boolean;
  /** An object without a name gets a UUID for one. */
  namesItself?: boolean;
  /** A PUT must say which version it changes (the reverse of AllowUnconditionalUpdate). */
  needsVersion?: boolean;
  /** What a delete does when the client does not say: `background` unless set. */
  defaultDeletion?: 'background' | 'orphan' | 'unsupported';
  /** What who does not say is warned of. */
  deletionWarning?: string;
  /** After an object is in the store, unless the request is dry. */
  afterWrite?(object: T, old: T | undefined, context: StrategyContext): void;
  /** After an object is gone: releases what prepareForCreate allocated. */
  afterDelete?(object: T, context: StrategyContext): void;
}
