import { readJsonAsset } from '../../base/assets.ts';
import type { KubeObject } from '../../types/objects.ts';
import type { Column, KindStrategy, KindView, RowCondition } from './kind.ts';
import { commonCells } from './shared/cells.ts';
import { olderCell } from './version-changes.ts';

/** How objects of a resource are shown and selected. */
export interface TableView {
  columns: Column<KubeObject>[];
  selectableFields: Record<string, (object: KubeObject) => string>;
  rowConditions(object: KubeObject): RowCondition[] | undefined;
  fieldAnnotations?: readonly string[];
}

/** One line a kind: what a read of it loads. */
const VIEWS: Record<string, () => Promise<{ view: KindView<never> }>> = {
  'apiservices.apiregistration.k8s.io': () => import('./apiservice/columns.ts'),
  'certificatesigningrequests.certificates.k8s.io': () => import('./certificatesigningrequest/columns.ts'),
  'clusterrolebindings.rbac.authorization.k8s.io': () => import('./clusterrolebinding/columns.ts'),
  componentstatuses: () => import('./componentstatus/columns.ts'),
  configmaps: () => import('./configmap/columns.ts'),
  'controllerrevisions.apps': () => import('./controllerrevision/columns.ts'),
  'cronjobs.batch': () => import('./cronjob/columns.ts'),
  'csidrivers.storage.k8s.io': () => import('./csidriver/columns.ts'),
  'csinodes.storage.k8s.io': () => import('./csinode/columns.ts'),
  'daemonsets.apps': () => import('./daemonset/columns.ts'),
  'deployments.apps': () => import('./deployment/columns.ts'),
  endpoints: () => import('./endpoints/columns.ts'),
  'endpointslices.discovery.k8s.io': () => import('./endpointslice/columns.ts'),
  events: () => import('./event/columns.ts'),
  'events.events.k8s.io': () => import('./event/new-columns.ts'),
  'flowschemas.flowcontrol.apiserver.k8s.io': () => import('./flowschema/columns.ts'),
  'horizontalpodautoscalers.autoscaling': () => import('./horizontalpodautoscaler/columns.ts'),
  'ingressclasses.networking.k8s.io': () => import('./ingressclass/columns.ts'),
  'ingresses.networking.k8s.io': () => import('./ingress/columns.ts'),
  'ipaddresses.networking.k8s.io': () => import('./ipaddress/columns.ts'),
  'jobs.batch': () => import('./job/columns.ts'),
  'leases.coordination.k8s.io': () => import('./lease/columns.ts'),
  'mutatingwebhookconfigurations.admissionregistration.k8s.io': () =>
    import('./mutatingwebhookconfiguration/columns.ts'),
  namespaces: () => import('./namespace/columns.ts'),
  'networkpolicies.networking.k8s.io': () => import('./networkpolicy/columns.ts'),
  nodes: () => import('./node/columns.ts'),
  persistentvolumeclaims: () => import('./persistentvolumeclaim/columns.ts'),
  persistentvolumes: () => import('./persistentvolume/columns.ts'),
  'poddisruptionbudgets.policy': () => import('./poddisruptionbudget/columns.ts'),
  pods: () => import('./pod/columns.ts'),
  podtemplates: () => import('./podtemplate/columns.ts'),
  'priorityclasses.scheduling.k8s.io': () => import('./priorityclass/columns.ts'),
  'prioritylevelconfigurations.flowcontrol.apiserver.k8s.io': () => import('./prioritylevelconfiguration/columns.ts'),
  'replicasets.apps': () => import('./replicaset/columns.ts'),
  replicationcontrollers: () => import('./replicationcontroller/columns.ts'),
  resourcequotas: () => import('./resourcequota/columns.ts'),
  'rolebindings.rbac.authorization.k8s.io': () => import('./rolebinding/columns.ts'),
  'runtimeclasses.node.k8s.io': () => import('./runtimeclass/columns.ts'),
  secrets: () => import('./secret/columns.ts'),
  serviceaccounts: () => import('./serviceaccount/columns.ts'),
  'servicecidrs.networking.k8s.io': () => import('./servicecidr/columns.ts'),
  services: () => import('./service/columns.ts'),
  'statefulsets.apps': () => import('./statefulset/columns.ts'),
  'storageclasses.storage.k8s.io': () => import('./storageclass/columns.ts'),
  'validatingadmissionpolicies.admissionregistration.k8s.io': () => import('./validatingadmissionpolicy/columns.ts'),
  'validatingadmissionpolicybindings.admissionregistration.k8s.io': () =>
    import('./validatingadmissionpolicybinding/columns.ts'),
  'validatingwebhookconfigurations.admissionregistration.k8s.io': () =>
    import('./validatingwebhookconfiguration/columns.ts'),
  'volumeattachments.storage.k8s.io': () => import('./volumeattachment/columns.ts'),
};

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
  const view = ((await VIEWS[resource]?.())?.view ?? {}) as KindView;
  definitions ??= readJsonAsset<ColumnsAsset>('fixtures/api/columns.json');
  const { common: shared, kinds } = definitions;
  const common = (name: string) => shared.find((definition) => definition.name === name)!;
  const columns = (kinds[resource.replace(/^events\..*/, 'events')] ?? DEFAULT_COLUMNS).map((entry) => {
    const definition = typeof entry === 'string' ? common(entry) : entry;
    const older = olderCell(resource, definition.name, version);
    const cell = older ?? view.cells?.[definition.name] ?? commonCells[definition.name] ?? (() => '');
    return { priority: 0, ...definition, cell };
  });
  return {
    columns,
    selectableFields: view.selectableFields ?? {},
    rowConditions: (object) => view.rowConditions?.(object),
    ...(view.fieldAnnotations && { fieldAnnotations: view.fieldAnnotations }),
  };
}

let strategies: Record<string, KindStrategy> | undefined;

/** Loads what writing needs (all kinds at once: a write sets controllers going, and these write other kinds). */
export async function loadStrategies(): Promise<void> {
  strategies ??= (await import('./strategies.ts')).STRATEGIES;
}

/** The strategy of a resource, `undefined` for one that has none of its own. `loadStrategies` must have run. */
export function strategyOf(resource: string): KindStrategy | undefined {
  if (!strategies) throw new Error('strategies are not loaded: await loadStrategies() first');
  return strategies[resource];
}
