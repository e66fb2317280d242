import { goQuote } from '../../../base/go-quote.ts';
import type { PodTemplateSpec } from '../../../types/objects.ts';
import { GoSyntax } from '../../machinery/invalid.ts';
import { goSyntaxOf } from './go-cmp/syntax.ts';
import { goStringMap } from './go-value.ts';

/** A core.PodTemplateSpec as `%#v` prints it. */
export function goPodTemplate({ metadata = {}, spec }: PodTemplateSpec): GoSyntax {
  const { name = '', generateName = '', namespace = '' } = metadata;
  const time = 'time.Date(1, time.January, 1, 0, 0, 0, 0, time.UTC)';
  return new GoSyntax(
    `core.PodTemplateSpec{ObjectMeta:v1.ObjectMeta{Name:${goQuote(name)}, GenerateName:${goQuote(generateName)}, Namespace:${goQuote(namespace)}, SelfLink:"", UID:"", ResourceVersion:"", Generation:0, CreationTimestamp:${time}, DeletionTimestamp:<nil>, DeletionGracePeriodSeconds:(*int64)(nil), Labels:${goStringMap(metadata.labels)}, Annotations:${goStringMap(metadata.annotations)}, OwnerReferences:[]v1.OwnerReference(nil), Finalizers:[]string(nil), ManagedFields:[]v1.ManagedFieldsEntry(nil)}, Spec:${goSyntaxOf('core.PodSpec', spec)}}`,
  );
}
