import { IMAGES_SHAPE } from './images-shape.ts';
import type { Shape } from './shape.ts';

const text: Shape = { type: 'string' };
const texts: Shape = { type: 'list', of: text };
const textMap: Shape = { type: 'map', of: text };
const address: Shape = { type: 'string', matches: /^\d{1,3}(\.\d{1,3}){3}$/, like: '192.168.50.11' };
const network: Shape = { type: 'string', matches: /^\d{1,3}(\.\d{1,3}){3}\/\d{1,2}$/, like: '10.244.0.0/16' };
const nodeName: Shape = { type: 'string', matches: /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, like: 'node-1' };

const taint: Shape = {
  type: 'object',
  fields: {
    key: text,
    value: text,
    effect: { type: 'one of', values: ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] },
  },
  required: ['key', 'effect'],
};

const journalEntry: Shape = {
  type: 'object',
  fields: { at: text, identifier: text, message: text },
  required: ['at', 'message'],
};

const unit: Shape = {
  type: 'object',
  fields: {
    pid: { type: 'integer' },
    tasks: { type: 'integer' },
    tasksLimit: { type: 'integer' },
    memory: { type: 'integer' },
    since: text,
    journal: { type: 'list', of: journalEntry },
  },
};

const machine: Shape = {
  type: 'object',
  fields: {
    systemd: { type: 'integer', from: 1 },
    unitFolder: text,
    units: { type: 'map', of: unit },
    kubeletFlags: texts,
  },
};

const nodeFields: Record<string, Shape> = {
  labels: textMap,
  annotations: textMap,
  taints: { type: 'list', of: taint },
  untaintedAlone: { type: 'boolean' },
  hostname: text,
  osImage: text,
  kernelVersion: text,
  containerRuntimeVersion: { type: 'string', matches: /^[a-z-]+:\/\/.+$/, like: 'containerd://1.7.27' },
  architecture: { type: 'one of', values: ['amd64', 'arm64'] },
  providerID: text,
  capacity: textMap,
  allocatable: textMap,
  machine,
};
const roles: Shape = { type: 'list', of: { type: 'string', like: 'control-plane' } };

const konnectivity: Shape = {
  type: 'object',
  fields: { namespace: text, selector: textMap },
  required: ['namespace', 'selector'],
};

const loadBalancers: Shape = {
  type: 'object',
  fields: { cidr: network, internalCIDR: network },
  required: ['cidr'],
};

const image: Shape = {
  type: 'object',
  fields: { name: text, tags: texts, behaviour: { type: 'one of', values: ['server', 'shell'] }, logs: texts },
  required: ['name'],
};

const spec: Shape = {
  type: 'object',
  fields: {
    kubernetesVersion: { type: 'string', like: 'v1.33.13' },
    clock: {
      type: 'object',
      fields: {
        mode: { type: 'one of', values: ['real', 'manual'] },
        perCommand: { type: 'string', matches: /^(0|(\d+(\.\d+)?(ms|s|m|h))+)$/, like: '100ms' },
        epoch: { type: 'string', matches: /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/, like: '2026-01-01T00:00:00Z' },
      },
      required: ['mode'],
    },
    seed: { type: 'integer' },
    apiServer: { type: 'string', matches: /^https:\/\/[^/]+$/, like: 'https://192.168.50.10:6443' },
    network: {
      type: 'object',
      fields: {
        podCIDR: network,
        serviceCIDR: network,
        clusterDNS: address,
        clusterDomain: text,
        konnectivity,
        loadBalancers,
      },
      required: ['podCIDR', 'serviceCIDR'],
    },
    addons: texts,
    nodeDefaults: { type: 'object', fields: nodeFields },
    nodes: {
      type: 'list',
      of: {
        type: 'object',
        fields: { name: nodeName, internalIP: address, roles, ...nodeFields },
        required: ['name', 'internalIP'],
      },
    },
    pool: {
      type: 'object',
      fields: {
        name: { type: 'string', matches: /\{i(36|02|2\+)?\}/, like: 'node-{i}' },
        count: { type: 'integer' },
        first: { type: 'integer' },
        internalIP: address,
        step: { type: 'integer', from: 1 },
        node: { type: 'object', fields: { roles, ...nodeFields } },
      },
      required: ['name', 'count', 'internalIP'],
    },
    images: { type: 'list', of: image },
    registry: {
      type: 'object',
      fields: { add: { type: 'list', of: IMAGES_SHAPE }, pullUnknown: { type: 'boolean' } },
    },
    objects: { type: 'list', of: { type: 'any' } },
  },
  required: ['kubernetesVersion', 'clock', 'apiServer', 'network', 'addons', 'nodes'],
};

/** kind Cluster, kubemu.dev/v1alpha1. */
export const CLUSTER_SHAPE: Shape = {
  type: 'object',
  fields: {
    apiVersion: { type: 'one of', values: ['kubemu.dev/v1alpha1'] },
    kind: { type: 'one of', values: ['Cluster'] },
    metadata: { type: 'object', fields: { name: nodeName }, required: ['name'] },
    spec,
  },
  required: ['apiVersion', 'kind', 'metadata', 'spec'],
};
