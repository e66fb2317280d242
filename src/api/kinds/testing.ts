import type { KubeObject } from '../../types/objects.ts';
import type { FieldError } from '../machinery/field-errors.ts';
import { errorText } from '../machinery/invalid.ts';
import { checkKind } from '../machinery/validate.ts';
import type { Resource } from '../schema/registry.ts';
import { strategyOf } from './index.ts';
import type { KindRules } from './shared/strategy.ts';
import { testContext } from './test-context.ts';

// What tests of a kind's rules ask: `loadStrategies` must have run. Objects are fragments: kind and metadata are added.

export type Json = Record<string, unknown>;

const METADATA = { name: 'x', namespace: 'default', uid: 'u' };

const draftOf = ({ metadata, ...object }: Json, more: object = METADATA): KubeObject =>
  structuredClone({ metadata: { ...more, ...(metadata as Json | undefined) }, ...object }) as unknown as KubeObject;

const resourceOf = (strategy: KindRules): Resource => ({ group: '', namespaced: !strategy.clusterScoped }) as Resource;

function created(resource: string, object: Json): { draft: KubeObject; errors: FieldError[] } {
  const strategy = strategyOf(resource) as KindRules;
  const context = testContext();
  const draft = draftOf(object, strategy.clusterScoped ? { name: 'x', uid: 'u' } : METADATA);
  strategy.setDefaults?.(draft);
  const allocation = strategy.allocate?.(draft, undefined, context) ?? [];
  if (allocation.length > 0) return { draft, errors: allocation };
  strategy.prepareForCreate?.(draft, context);
  const errors = [...(strategy.validate?.(draft, context) ?? []), ...(strategy.validateCreate?.(draft, context) ?? [])];
  return { draft, errors };
}

/** A fragment as it is stored when it is created. */
export const stored = (resource: string, object: Json): KubeObject => created(resource, object).draft;

/** What a create is refused for, as `path: message` lines. */
export const refusals = (resource: string, object: Json): string[] => created(resource, object).errors.map(errorText);

/** What a create is warned of. */
export const warningsOf = (resource: string, object: Json): string[] =>
  strategyOf(resource)!.warnings?.(stored(resource, object)) ?? [];

/** An update of one valid object to another: what is stored, and what it is refused for. */
export function updated(resource: string, before: Json, after: Json): { draft: KubeObject; lines: string[] } {
  const strategy = strategyOf(resource)!;
  const context = testContext();
  const old = stored(resource, before);
  const draft = draftOf(after, old.metadata);
  strategy.setDefaults?.(draft);
  const allocation = strategy.allocate?.(draft, old, context) ?? [];
  if (allocation.length > 0) return { draft, lines: allocation.map(errorText) };
  strategy.prepareForUpdate?.(draft, old, context);
  const errors = checkKind(strategy, resourceOf(strategy), '', [draft, old], context);
  return { draft, lines: [...new Set(errors.map(errorText))] };
}

/** What an update is refused for. */
export const updateRefusals = (resource: string, before: Json, after: Json): string[] =>
  updated(resource, before, after).lines;

/** What a change of the status alone is refused for. */
export function statusRefusals(resource: string, before: Json, status: unknown): string[] {
  const strategy = strategyOf(resource)!;
  const context = testContext();
  const old = stored(resource, before);
  const draft = structuredClone({ ...old, status }) as unknown as KubeObject;
  strategy.prepareForStatusUpdate?.(draft, old, context);
  return [...new Set(checkKind(strategy, resourceOf(strategy), 'status', [draft, old], context).map(errorText))];
}

/** What an update of the status alone is warned of. */
export const statusWarnings = (resource: string, object: Json): string[] =>
  strategyOf(resource)!.warningsForSubresource?.status?.(draftOf(object)) ?? [];
