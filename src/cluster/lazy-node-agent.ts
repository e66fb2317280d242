import type { NodeAgent } from '../api/node-agent.ts';

/** The kubelets, loaded when the API server first asks them for something: most commands never do. */
export class LazyNodeAgent implements NodeAgent {
  constructor(private readonly load: () => Promise<NodeAgent>) {}

  async loads(): ReturnType<NodeAgent['loads']> {
    return await (await this.load()).loads();
  }

  async logs(...args: Parameters<NodeAgent['logs']>): ReturnType<NodeAgent['logs']> {
    return await (await this.load()).logs(...args);
  }

  async exec(...args: Parameters<NodeAgent['exec']>): ReturnType<NodeAgent['exec']> {
    return await (await this.load()).exec(...args);
  }

  async attach(...args: Parameters<NodeAgent['attach']>): ReturnType<NodeAgent['attach']> {
    return await (await this.load()).attach(...args);
  }

  async portForward(...args: Parameters<NodeAgent['portForward']>): ReturnType<NodeAgent['portForward']> {
    return await (await this.load()).portForward(...args);
  }

  async proxy(...args: Parameters<NodeAgent['proxy']>): ReturnType<NodeAgent['proxy']> {
    return await (await this.load()).proxy(...args);
  }
}
