import { readJsonAsset } from '../../base/assets.ts';
import type { KubeObject } from '../../types/objects.ts';
import type { Column, KindStrategy, KindView, RowCondition } from './kind.ts';
import { commonCells } from './shared/cells.ts';
import type { KindRules } from './shared/strategy.ts';
import { olderCell } from './version-changes.ts';

/** How objects of a resource are shown and selected. */
export interface TableView {
  columns: Column<KubeObject>[];
  selectableFields: Record<string, (object: KubeObject) => string>;
  rowConditions(object: KubeObject): RowCondition[] | undefined;
  fieldAnnotations?: readonly string[];
}

/** One line a kind: its resource, and the folder that holds its columns.ts and its strategy.ts. */
export const KINDS: Record<string, string> = {
  'apiservices.apiregistration.k8s.io': 'apiservice',
  'certificatesigningrequests.certificates.k8s.io': 'certificatesigningrequest',
  'clusterroles.rbac.authorization.k8s.io': 'clusterrole',
  'clusterrolebindings.rbac.authorization.k8s.io': 'clusterrolebinding',
  componentstatuses: 'componentstatus',
  configmaps: 'configmap',
  'controllerrevisions.apps': 'controllerrevision',
  'cronjobs.batch': 'cronjob',
  'csidrivers.storage.k8s.io': 'csidriver',
  'csinodes.storage.k8s.io': 'csinode',
  'csistoragecapacities.storage.k8s.io': 'csistoragecapacity',
  'daemonsets.apps': 'daemonset',
  'deployments.apps': 'deployment',
  endpoints: 'endpoints',
  'endpointslices.discovery.k8s.io': 'endpointslice',
  events: 'event',
  'flowschemas.flowcontrol.apiserver.k8s.io': 'flowschema',
  'horizontalpodautoscalers.autoscaling': 'horizontalpodautoscaler',
  'ingresses.networking.k8s.io': 'ingress',
  'ingressclasses.networking.k8s.io': 'ingressclass',
  'ipaddresses.networking.k8s.io': 'ipaddress',
  'jobs.batch': 'job',
  'leases.coordination.k8s.io': 'lease',
  limitranges: 'limitrange',
  'mutatingwebhookconfigurations.admissionregistration.k8s.io': 'mutatingwebhookconfiguration',
  namespaces: 'namespace',
  'networkpolicies.networking.k8s.io': 'networkpolicy',
  'events.events.k8s.io': 'newevent',
  nodes: 'node',
  persistentvolumes: 'persistentvolume',
  persistentvolumeclaims: 'persistentvolumeclaim',
  pods: 'pod',
  'poddisruptionbudgets.policy': 'poddisruptionbudget',
  podtemplates: 'podtemplate',
  'priorityclasses.scheduling.k8s.io': 'priorityclass',
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io': 'prioritylevelconfiguration',
  'replicasets.apps': 'replicaset',
  replicationcontrollers: 'replicationcontroller',
  resourcequotas: 'resourcequota',
  'roles.rbac.authorization.k8s.io': 'role',
  'rolebindings.rbac.authorization.k8s.io': 'rolebinding',
  'runtimeclasses.node.k8s.io': 'runtimeclass',
  secrets: 'secret',
  services: 'service',
  serviceaccounts: 'serviceaccount',
  'servicecidrs.networking.k8s.io': 'servicecidr',
  'statefulsets.apps': 'statefulset',
  'storageclasses.storage.k8s.io': 'storageclass',
  'validatingadmissionpolicies.admissionregistration.k8s.io': 'validatingadmissionpolicy',
  'validatingadmissionpolicybindings.admissionregistration.k8s.io': 'validatingadmissionpolicybinding',
  'validatingwebhookconfigurations.admissionregistration.k8s.io': 'validatingwebhookconfiguration',
  'volumeattachments.storage.k8s.io': 'volumeattachment',
};

/** What is shown, but never written: the scales of others. */
const SHOWN_ONLY: Record<string, string> = { 'scales.autoscaling': 'scale' };

// The bundler makes a chunk of each file that fits the pattern.
const loadColumns = (folder: string): Promise<{ view: KindView<never> }> => import(`./${folder}/columns.ts`);
const loadRules = (folder: string): Promise<{ strategy: KindRules<never> }> => import(`./${folder}/strategy.ts`);

type Definition = Omit<Column<KubeObject>, 'cell' | 'priority'> & { priority?: number };

interface ColumnsAsset {
  common: Definition[];
  kinds: Record<string, (string | Definition)[]>;
}

/** For what no printer knows: the default table of apiserver's registry/rest. */
const DEFAULT_COLUMNS = ['Name', 'Created At'];

let definitions: ColumnsAsset | undefined;

/** The table columns and field selectors of a resource (`pods`, `deployments.apps`); loads that kind's alone. `version`: of the cluster. */
export async function viewOf(resource: string, version: string): Promise<TableView> {
  const folder = KINDS[resource] ?? SHOWN_ONLY[resource];
  const view = (folder ? (await loadColumns(folder)).view : {}) as KindView;
  let columns: TableView['columns'] | undefined;
  return {
    // Who only selects by fields needs no table.
    get columns() {
      columns ??= columnsOf(resource, view, version);
      return columns;
    },
    selectableFields: view.selectableFields ?? {},
    rowConditions: (object) => view.rowConditions?.(object),
    ...(view.fieldAnnotations && { fieldAnnotations: view.fieldAnnotations }),
  };
}

function columnsOf(resource: string, view: KindView, version: string): TableView['columns'] {
  definitions ??= readJsonAsset<ColumnsAsset>('fixtures/api/columns.json');
  const { common: shared, kinds } = definitions;
  const common = (name: string) => shared.find((definition) => definition.name === name)!;
  return (kinds[resource.replace(/^events\..*/, 'events')] ?? DEFAULT_COLUMNS).map((entry) => {
    const definition = typeof entry === 'string' ? common(entry) : entry;
    const older = olderCell(resource, definition.name, version);
    const cell = older ?? view.cells?.[definition.name] ?? commonCells[definition.name] ?? (() => '');
    return { priority: 0, ...definition, cell };
  });
}

let strategies: Map<string, KindStrategy> | undefined;

/** Loads what writing needs (all kinds at once: a write sets controllers going, and these write other kinds). */
export async function loadStrategies(): Promise<void> {
  if (strategies) return;
  const { withMetadata } = await import('./shared/strategy.ts');
  const loaded = await Promise.all(Object.values(KINDS).map(loadRules));
  strategies = new Map(loaded.map(({ strategy }) => [strategy.resource, withMetadata(strategy as KindRules)]));
}

/** The strategy of a resource, `undefined` for one that has none of its own. `loadStrategies` must have run. */
export function strategyOf(resource: string): KindStrategy | undefined {
  if (!strategies) throw new Error('strategies are not loaded: await loadStrategies() first');
  return strategies.get(resource);
}
