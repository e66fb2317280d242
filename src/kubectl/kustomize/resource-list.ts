import { matchesLabels, parseLabelSelector } from '../../api/machinery/selectors.ts';
import { effectiveNamespace, idSyntax, idText, isSelected, type ResourceId, sameId } from './identity.ts';
import type { OwnSchema } from './openapi.ts';
import type { Resource } from './resource.ts';

/** Which resources a patch or replacement is for; names and kinds are regular expressions. */
export interface Selector {
  group?: string;
  version?: string;
  kind?: string;
  name?: string;
  namespace?: string;
  labelSelector?: string;
  annotationSelector?: string;
}

const matches = (pattern: string | undefined, text: string) => !pattern || new RegExp(`^(?:${pattern})$`).test(text);

const matchesMap = (selector: string | undefined, map: Record<string, string> = {}) =>
  !selector || matchesLabels(parseLabelSelector(selector), map);

/** The resources of a build, in order; no two have the same id. */
export class ResourceList {
  constructor(
    public items: Resource[] = [],
    /** How kinds merge that the build's own schema knows. */
    readonly schema?: OwnSchema,
  ) {}

  append(resource: Resource): void {
    const { id } = resource;
    if (this.items.some((each) => sameId(each.id, id))) {
      throw new Error(`may not add resource with an already registered id: ${idText(id)}`);
    }
    this.items.push(resource);
  }

  appendAll(resources: Resource[]): void {
    for (const resource of resources) this.append(resource);
  }

  withAnyId(test: (id: ResourceId) => boolean): Resource[] {
    return this.items.filter((resource) => resource.allIds.some(test));
  }

  /** The only resource that has or had this id. */
  byId(id: ResourceId): Resource {
    const found = this.withAnyId((each) => sameId(each, id));
    if (found.length === 1) return found[0]!;
    const why = found.length > 1 ? 'multiple matches for' : 'no matches for';
    throw new Error(`${why} Id ${idText(id)}; failed to find unique target for patch ${idText(id)}`);
  }

  select(selector: Selector): Resource[] {
    return this.items.filter((resource) => {
      const { id, originalId, object } = resource;
      return (
        [originalId, id].some((each) => matches(selector.namespace, effectiveNamespace(each))) &&
        [originalId, id].some((each) => matches(selector.name, each.name)) &&
        matches(selector.group, id.group ?? '') &&
        matches(selector.version, id.version ?? '') &&
        matches(selector.kind, id.kind ?? '') &&
        matchesMap(selector.labelSelector, object.metadata?.labels) &&
        matchesMap(selector.annotationSelector, object.metadata?.annotations)
      );
    });
  }

  /** Takes in what a generator made: as it is, or in place of or merged into what is there. */
  absorb(resource: Resource): void {
    const { id, behavior } = resource;
    const found = this.withAnyId((each) => sameId(each, id));
    const [old] = found;
    if (!old) {
      if (behavior === 'merge' || behavior === 'replace') {
        throw new Error(`id ${idSyntax(id)} does not exist; cannot merge or replace`);
      }
      this.append(resource);
      return;
    }
    if (found.length > 1) throw new Error(`found multiple objects that could accept merge of ${idText(id)}`);
    if (behavior !== 'merge' && behavior !== 'replace') {
      throw new Error(`id ${idSyntax(id)} exists; behavior must be merge or replace`);
    }
    resource.continueFrom(old);
    if (behavior === 'merge') {
      for (const field of ['data', 'binaryData']) {
        const merged = { ...(old.object[field] as object), ...(resource.object[field] as object) };
        if (Object.keys(merged).length > 0) resource.object[field] = merged;
      }
    }
    this.items[this.items.indexOf(old)] = resource;
  }
}

/** Whether a selector without regular expressions takes this id; an empty part takes any. */
export const selectsId = (selector: Selector, id: ResourceId): boolean =>
  (!selector.name || selector.name === id.name) &&
  (!selector.namespace || effectiveNamespace({ ...id, namespace: selector.namespace }) === effectiveNamespace(id)) &&
  isSelected(id, selector);
