import { readJsonAsset } from '../base/assets.ts';
import type { ClusterConfig } from './config.ts';

/** What a cluster may be like: the names of fixtures/clusters. */
export const PRESETS = ['kubeadm', 'aks', 'kind', 'minikube', 'mangodairy'];

/** The configuration of a preset, unchecked: it is ours. */
export const readPreset = (name: string): ClusterConfig =>
  readJsonAsset<ClusterConfig>(`dist/data/clusters/${name}.json`);
