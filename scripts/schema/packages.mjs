/** Package (as types are named in the schema) → folder below staging/src/k8s.io. */
export const packages = {
  'meta/v1': 'apimachinery/pkg/apis/meta/v1',
  'core/v1': 'api/core/v1',
  'apps/v1': 'api/apps/v1',
  'admissionregistration/v1': 'api/admissionregistration/v1',
  'authentication/v1': 'api/authentication/v1',
  'authorization/v1': 'api/authorization/v1',
  'autoscaling/v1': 'api/autoscaling/v1',
  'autoscaling/v2': 'api/autoscaling/v2',
  'batch/v1': 'api/batch/v1',
  'certificates/v1': 'api/certificates/v1',
  'coordination/v1': 'api/coordination/v1',
  'discovery/v1': 'api/discovery/v1',
  'events/v1': 'api/events/v1',
  'flowcontrol/v1': 'api/flowcontrol/v1',
  'networking/v1': 'api/networking/v1',
  'node/v1': 'api/node/v1',
  'policy/v1': 'api/policy/v1',
  'rbac/v1': 'api/rbac/v1',
  'scheduling/v1': 'api/scheduling/v1',
  'storage/v1': 'api/storage/v1',
  'apiextensions/v1': 'apiextensions-apiserver/pkg/apis/apiextensions/v1',
  'apiregistration/v1': 'kube-aggregator/pkg/apis/apiregistration/v1',
};

/** `core/v1` → `io.k8s.api.core.v1` */
export const schemaPackage = (name) => `io.k8s.${packages[name].split('/').join('.')}`;

/** Types with a JSON form of their own → their names in the OpenAPI documents. */
export const special = {
  'resource.Quantity': 'io.k8s.apimachinery.pkg.api.resource.Quantity',
  'intstr.IntOrString': 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
  'runtime.RawExtension': 'io.k8s.apimachinery.pkg.runtime.RawExtension',
  'meta/v1.Time': 'io.k8s.apimachinery.pkg.apis.meta.v1.Time',
  'meta/v1.MicroTime': 'io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime',
  'meta/v1.Duration': 'io.k8s.apimachinery.pkg.apis.meta.v1.Duration',
  'meta/v1.FieldsV1': 'io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1',
};
for (const name of ['JSON', 'JSONSchemaPropsOrArray', 'JSONSchemaPropsOrBool', 'JSONSchemaPropsOrStringArray']) {
  special[`apiextensions/v1.${name}`] = `${schemaPackage('apiextensions/v1')}.${name}`;
}
