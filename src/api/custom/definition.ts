import type { KubeObject } from '../../types/objects.ts';
import type { JsonObject } from '../machinery/patch/json-value.ts';
import type { ClientConfig } from '../machinery/webhook-client.ts';

export const DEFINITIONS = 'customresourcedefinitions.apiextensions.k8s.io';

export interface DefinitionNames {
  plural: string;
  singular?: string;
  kind: string;
  listKind?: string;
  shortNames?: string[];
  categories?: string[];
}

export interface PrinterColumn {
  name: string;
  type: string;
  format?: string;
  description?: string;
  priority?: number;
  jsonPath: string;
}

export interface DefinitionVersion {
  name: string;
  served: boolean;
  storage: boolean;
  deprecated?: boolean;
  deprecationWarning?: string;
  schema?: { openAPIV3Schema?: JsonObject };
  subresources?: {
    status?: object;
    scale?: { specReplicasPath: string; statusReplicasPath: string; labelSelectorPath?: string };
  };
  additionalPrinterColumns?: PrinterColumn[];
  selectableFields?: { jsonPath: string }[];
}

export interface Condition {
  type: string;
  status: string;
  lastTransitionTime: string;
  reason: string;
  message: string;
}

export interface CustomResourceDefinition extends KubeObject {
  spec: {
    group: string;
    names: DefinitionNames;
    scope: string;
    versions: DefinitionVersion[];
    conversion?: { strategy: string; webhook?: { clientConfig?: ClientConfig } };
    preserveUnknownFields?: boolean;
  };
  status?: {
    conditions?: Condition[] | null;
    acceptedNames?: DefinitionNames;
    storedVersions?: string[];
  };
}

export const hasCondition = ({ status }: CustomResourceDefinition, type: string): boolean =>
  status?.conditions?.some((one) => one.type === type && one.status === 'True') ?? false;

/** Whether its resources are served. */
export const isServed = (definition: CustomResourceDefinition): boolean => hasCondition(definition, 'Established');

/** The annotation that says who approved an API of the community. */
export const APPROVED = 'api-approved.kubernetes.io';

/** Groups of the community need approval. */
export const isProtected = (group: string | undefined): boolean => /(^|\.)(k8s|kubernetes)\.io$/.test(group ?? '');
