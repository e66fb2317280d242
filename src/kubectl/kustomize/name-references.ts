import { emitYaml } from '../../base/yaml/emit.ts';
import { asError } from '../errors.ts';
import { type BackReference, changeField, type FieldSpec, isMap } from './field-specs.ts';
import {
  effectiveNamespace,
  type Gvk,
  idText,
  isClusterScoped,
  isSelected,
  NOT_NAMESPACED,
  sameNamespace,
} from './identity.ts';
import type { Resource } from './resource.ts';
import type { ResourceList } from './resource-list.ts';

/** Where a role binding's service accounts may live. */
function subjectNamespaces({ object }: Resource): Set<unknown> {
  const subjects = object.kind === 'RoleBinding' && Array.isArray(object.subjects) ? object.subjects : [];
  return new Set(
    subjects.filter((each) => isMap(each) && each.kind === 'ServiceAccount').map((each) => each.namespace),
  );
}

function couldRefer(referrer: Resource, list: ResourceList): Resource[] {
  if (isClusterScoped(referrer.id)) return list.items;
  const namespaces = subjectNamespaces(referrer);
  return list.items.filter(
    ({ id, namespace }) => isClusterScoped(id) || sameNamespace(id, referrer.id) || namespaces.has(namespace),
  );
}

/** What `roleRef` says that it refers to. */
function roleOf({ object }: Resource, { path }: FieldSpec): Gvk | undefined {
  const role = object.roleRef;
  if (!path.endsWith('roleRef/name') || !isMap(role) || !role.apiGroup || !role.kind) return undefined;
  return { group: String(role.apiGroup), kind: String(role.kind) };
}

/** Gives the names that resources have now to those that refer to them by those that they had. */
class NameReferences {
  constructor(
    private readonly referrer: Resource,
    private readonly spec: FieldSpec,
    private readonly target: Gvk,
    private readonly candidates: Resource[],
  ) {}

  update(): void {
    const { group, version, kind } = this.referrer.id;
    try {
      changeField(this.referrer.object, { group, version, kind, path: this.spec.path }, (value) => this.change(value));
    } catch (error) {
      throw new Error(
        `updating name reference in '${this.spec.path}' field of '${idText(this.referrer.id)}': considering field '${this.spec.path}' of object ${idText(this.referrer.id)}: ${asError(error).message}`,
      );
    }
  }

  private change(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.change(item));
    if (isMap(value)) return this.changeMap(value);
    if (value === null || value === undefined) return value;
    return this.select(String(value), this.candidates, ({ name }) => name)?.name ?? value;
  }

  private changeMap(map: Record<string, unknown>): unknown {
    if (map.name === undefined) throw new Error("path config error; no 'name' field in node");
    const found = this.select(
      String(map.name),
      this.inNamespace(map.namespace),
      ({ name, namespace }) => `${name}/${namespace}`,
    );
    if (!found || (found.name === map.name && found.namespace === '')) return map;
    return { ...map, name: found.name, ...(found.namespace && { namespace: found.namespace }) };
  }

  private inNamespace(namespace: unknown): Resource[] {
    if (namespace === undefined) return this.candidates;
    const within = (idOf: (resource: Resource) => Resource['id']) =>
      this.candidates.filter((each) => {
        const effective = effectiveNamespace(idOf(each));
        return effective !== NOT_NAMESPACED && effective === namespace;
      });
    const original = within(({ originalId }) => originalId);
    return original.length > 0 ? original : within(({ id }) => id);
  }

  /** The one resource that had this name; undefined when none, or none in particular, had it. */
  private select(name: string, candidates: Resource[], identity: (resource: Resource) => string): Resource | undefined {
    const role = roleOf(this.referrer, this.spec);
    const here = this.referrer.id;
    let found = candidates.filter(
      ({ previousIds, id, object }) =>
        previousIds.some((each) => each.name === name) &&
        previousIds.some((each) => isSelected(each, this.target)) &&
        (!role || previousIds.some((each) => isSelected(each, role))) &&
        (isClusterScoped(here) || isClusterScoped(id) || object.kind === 'ServiceAccount' || sameNamespace(here, id)),
    );
    if (found.length === 1) return found[0];
    found = found.filter((each) => each.namedAlike(this.referrer, true));
    if (found.length > 1) found = found.filter((each) => each.namedAlike(this.referrer, false));
    if (found.length <= 1 || new Set(found.map(identity)).size === 1) return found[0];
    throw new Error(
      `found multiple possible referrals: ${found.map(({ id }) => idText(id)).join(', ')}\n${this.details(found)}`,
    );
  }

  private details(found: Resource[]): string {
    const text = (resource: Resource) => emitYaml(resource.object);
    const listed = found.map((each, index) => `--- possible referral ${index}:\n${text(each)}\n`).join('');
    return `\n**** Too many possible referral targets to referrer:\n${text(this.referrer)}\n${listed}`;
  }
}

/** Renames what refers to resources whose names have changed. */
export function fixNameReferences(list: ResourceList, references: BackReference[]): void {
  for (const referrer of list.items) {
    const candidates = couldRefer(referrer, list);
    const { originalId } = referrer;
    for (const { fieldSpecs, group, version, kind } of references) {
      for (const spec of fieldSpecs) {
        if (!isSelected(originalId, spec)) continue;
        new NameReferences(referrer, spec, { group, version, kind }, candidates).update();
      }
    }
  }
}
