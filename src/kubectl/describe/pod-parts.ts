import { formatSelector } from '../../api/machinery/selectors.ts';
import type { PodSpec, PodTemplateSpec, Taint, Toleration } from '../../types/objects.ts';
import { writeContainers } from './containers.ts';
import { writeAnnotations, writeLabels } from './format.ts';
import { writeVolumes } from './volumes.ts';
import type { DescribeWriter } from './writer.ts';

export function tolerationText(t: Toleration): string {
  const value = t.value ? `=${t.value}` : '';
  const effect = t.effect ? `:${t.effect}` : '';
  const exists = t.operator === 'Exists' && !t.value ? (t.key || t.effect ? ' op=Exists' : 'op=Exists') : '';
  const seconds = t.tolerationSeconds == null ? '' : ` for ${t.tolerationSeconds}s`;
  return `${t.key ?? ''}${value}${effect}${exists}${seconds}`;
}

/** Taint.ToString of the core API: `key=value:Effect`, without the parts that are empty. */
export function taintText(t: Taint): string {
  if (!t.effect) return t.value ? `${t.key}=${t.value}:` : t.key;
  return t.value ? `${t.key}=${t.value}:${t.effect}` : `${t.key}:${t.effect}`;
}

function writeTopologySpread(w: DescribeWriter, spec: PodSpec, indent = ''): void {
  const constraints = [...(spec.topologySpreadConstraints ?? [])].sort((a, b) =>
    a.topologyKey < b.topologyKey ? -1 : 1,
  );
  constraints.forEach((c, i) => {
    const selector = c.labelSelector ? ` for selector ${formatSelector(c.labelSelector)}` : '';
    const lead = i ? `${indent}\t` : `${indent}Topology Spread Constraints:\t`;
    w.write(0, `${lead}${c.topologyKey}:${c.whenUnsatisfiable} when max skew ${c.maxSkew} is exceeded${selector}\n`);
  });
}

/** Node-Selectors, Tolerations and topology constraints, which a pod and a template show in different orders. */
export function writeNodeSelectorAndTolerations(w: DescribeWriter, spec: PodSpec | undefined, indent = ''): void {
  writeLabels(w, `${indent}Node-Selectors`, spec?.nodeSelector);
  const tolerations = [...(spec?.tolerations ?? [])].sort((a, b) =>
    (a.key ?? '') < (b.key ?? '') ? -1 : (a.key ?? '') > (b.key ?? '') ? 1 : 0,
  );
  w.multiline(`${indent}Tolerations`, tolerations.map(tolerationText));
}

export { writeTopologySpread };

/** What a controller's pod template shows. */
export function writePodTemplate(w: DescribeWriter, template: PodTemplateSpec | undefined): void {
  w.write(0, 'Pod Template:\n');
  if (!template) return w.write(1, '<unset>');
  const spec = template.spec ?? { containers: [] };
  writeLabels(w, '  Labels', template.metadata?.labels);
  if (Object.keys(template.metadata?.annotations ?? {}).length)
    writeAnnotations(w, '  Annotations', template.metadata?.annotations);
  if (spec.serviceAccountName) w.row(1, 'Service Account', spec.serviceAccountName);
  if (spec.initContainers?.length) writeContainers(w, 'Init Containers', spec.initContainers, { indent: '  ' });
  writeContainers(w, 'Containers', spec.containers, { indent: '  ' });
  writeVolumes(w, spec.volumes, '  ');
  writeTopologySpread(w, spec, '  ');
  if (spec.priorityClassName) w.row(1, 'Priority Class Name', spec.priorityClassName);
  writeNodeSelectorAndTolerations(w, spec, '  ');
}
