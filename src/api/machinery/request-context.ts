import type { KubeObject } from '../../types/objects.ts';
import type { StrategyContext } from '../kinds/kind.ts';
import type { UserInfo } from '../request.ts';
import type { ApiWorld } from '../world.ts';
import { ServiceAllocator } from './allocator.ts';

/** What strategies see of the world during one request. */
export class RequestContext implements StrategyContext {
  readonly allocate: ServiceAllocator;

  constructor(
    private readonly world: ApiWorld,
    readonly user?: UserInfo,
    dryRun = false,
    private readonly warnings: string[] = [],
  ) {
    this.allocate = new ServiceAllocator(world, dryRun);
  }

  now(): number {
    return this.world.now();
  }

  warn(text: string): void {
    this.warnings.push(text);
  }

  get(resource: string, namespace: string, name: string): KubeObject | undefined {
    return this.world.store.get(resource, namespace, name);
  }

  list(resource: string, namespace?: string): KubeObject[] {
    return this.world.store.list(resource, namespace);
  }
}
