import type { Pod } from '../../types/objects.ts';
import { badRequest } from '../errors.ts';

const names = (list: { name: string }[] | undefined): string[] => (list ?? []).map(({ name }) => name);

/** The container that a request means: the only one if it names none. Throws a 400 in upstream's words. */
export function containerOf(pod: Pod, wanted: string): string {
  const { spec, metadata } = pod;
  const own = names(spec?.containers);
  const init = names(spec?.initContainers);
  const ephemeral = names(spec?.ephemeralContainers);
  if (wanted !== '') {
    if ([...own, ...init, ...ephemeral].includes(wanted)) return wanted;
    throw badRequest(`container ${wanted} is not valid for pod ${metadata.name}`);
  }
  if (own.length === 1 && init.length === 0 && ephemeral.length === 0) return own[0]!;
  if (own.length === 1) return own[0]!;
  if (own.length === 0) throw badRequest(`a container name must be specified for pod ${metadata.name}`);
  const list = (found: string[]) => `[${found.join(' ')}]`;
  let message = `a container name must be specified for pod ${metadata.name}, choose one of: ${list(own)}`;
  if (init.length > 0) message += ` or one of the init containers: ${list(init)}`;
  if (ephemeral.length > 0) message += ` or one of the ephemeral containers: ${list(ephemeral)}`;
  throw badRequest(message);
}
