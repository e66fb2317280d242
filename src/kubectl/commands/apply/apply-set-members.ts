import type { RESTMapper, ResourceType } from '../../client/mapper.ts';
import { CommandError } from '../../errors.ts';

/** Annotations of an ApplySet's parent. */
export const TOOLING = 'applyset.kubernetes.io/tooling';
export const GROUP_KINDS = 'applyset.kubernetes.io/contains-group-kinds';
export const NAMESPACES = 'applyset.kubernetes.io/additional-namespaces';
/** What kinds were told by before, as resources. */
const GROUP_RESOURCES = 'applyset.kubernetes.io/contains-group-resources';

/** What an ApplySet consists of: types by `Kind.group`, and the namespaces in which its members are. */
export interface Members {
  types: Map<string, ResourceType>;
  namespaces: Set<string>;
}

/** `Deployment.apps`, `ConfigMap` */
export const kindText = ({ kind, group }: Pick<ResourceType, 'kind' | 'group'>): string =>
  group ? `${kind}.${group}` : kind;

/** `apps/v1, Kind=Deployment` */
export const gvText = ({ group, version, kind }: ResourceType): string => `${group}/${version}, Kind=${kind}`;

const listed = (annotation: string | undefined): string[] => (annotation ? annotation.split(',') : []);

/** The parts before and behind the first dot. */
function cut(text: string): [name: string, group: string] {
  const [name = '', ...group] = text.split('.');
  return [name, group.join('.')];
}

/** What the annotations of a parent say of its members; throws for types that the server does not know. */
export async function membersOf(annotations: Record<string, string>, mapper: RESTMapper): Promise<Members> {
  const types = new Map<string, ResourceType>();
  const add = (type: ResourceType | undefined, problem: string) => {
    if (!type) throw new CommandError(problem);
    types.set(kindText(type), type);
  };
  if (annotations[GROUP_KINDS] !== undefined) {
    for (const each of listed(annotations[GROUP_KINDS])) {
      const [kind, group] = cut(each);
      const names = `kind ${JSON.stringify(kind)} in group ${JSON.stringify(group)}`;
      add(
        await mapper.typeOfGroupKind(group, kind),
        `could not find mapping for kind in ${JSON.stringify(GROUP_KINDS)} annotation: no matches for ${names}`,
      );
    }
  } else if (annotations[GROUP_RESOURCES]) {
    for (const each of listed(annotations[GROUP_RESOURCES])) {
      const [resource, group] = cut(each);
      add(
        await mapper.typeOfGroupResource(resource, group),
        `invalid group resource in ${JSON.stringify(GROUP_RESOURCES)} annotation: no matches for ${group}/, Resource=${resource}`,
      );
    }
  } else {
    throw new CommandError(
      `kubectl requires the ${JSON.stringify(GROUP_KINDS)} annotation to be set on all ApplySet parent objects`,
    );
  }
  return { types, namespaces: new Set(listed(annotations[NAMESPACES])) };
}
