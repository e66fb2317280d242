import type { Command } from '../../command.ts';
import { configmap, secrets } from './config.ts';
import { generatorCommand } from './generator.ts';
import { ingress } from './ingress.ts';
import { namespace, poddisruptionbudget, priorityclass, quota, serviceaccount } from './policy.ts';
import { clusterrole, clusterrolebinding, role, rolebinding } from './rbac.ts';
import { services } from './service.ts';
import { token } from './token.ts';
import { cronjob, deployment, job } from './workloads.ts';

/** What `kubectl create` can make without a file: a new generator is an object in one of these files and an entry here. */
export const createSubcommands = (): Command[] => [
  ...[namespace, quota].map(generatorCommand),
  {
    name: 'secret',
    use: 'secret (docker-registry | generic | tls)',
    short: 'Create a secret using a specified subcommand',
    subcommands: secrets.map(generatorCommand),
  },
  ...[configmap, serviceaccount].map(generatorCommand),
  {
    name: 'service',
    aliases: ['svc'],
    use: 'service',
    flagsInUseLine: true,
    short: 'Create a service using a specified subcommand',
    long: 'Create a service using a specified subcommand.',
    subcommands: services.map(generatorCommand),
  },
  ...[
    deployment,
    clusterrole,
    clusterrolebinding,
    role,
    rolebinding,
    poddisruptionbudget,
    priorityclass,
    job,
    cronjob,
    ingress,
  ].map(generatorCommand),
  token,
];
